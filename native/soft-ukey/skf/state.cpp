/** Handles, guarded entry, and the mapping of failures to SAR_ codes. */
#include "state.h"

#include <algorithm>

namespace bidkey::skf {

Handles& Handles::get() {
  // Never destroyed: a host may call in from another thread while the process ends.
  static auto& handles = *new Handles();
  return handles;
}

HANDLE Handles::add(Entry entry) {
  const HANDLE handle = reinterpret_cast<HANDLE>(next_);
  next_ += 16;
  entries_.emplace(handle, std::move(entry));
  return handle;
}

namespace {
const Device* deviceOf(const Entry& entry) {
  return std::visit(
      [](const auto& value) -> const Device* {
        using T = typename std::decay_t<decltype(value)>::element_type;
        if constexpr (std::is_same_v<T, Device>) return value.get();
        else if constexpr (std::is_same_v<T, ContainerRef>) return value->app->device.get();
        else return value->device.get();
      },
      entry);
}

const App* appOf(const Entry& entry) {
  if (const auto* app = std::get_if<std::shared_ptr<App>>(&entry)) return app->get();
  if (const auto* container = std::get_if<std::shared_ptr<ContainerRef>>(&entry)) return (*container)->app.get();
  return nullptr;
}
}  // namespace

void Handles::removeOf(const Device& device) {
  std::erase_if(entries_, [&](const auto& item) { return deviceOf(item.second) == &device; });
}

void Handles::removeOf(const App& app) {
  std::erase_if(entries_, [&](const auto& item) { return appOf(item.second) == &app; });
}

ULONG codeOf(const Failure& failure) {
  switch (failure.kind()) {
    case Fail::notPresent: case Fail::noSuchKey: return SAR_DEVICE_REMOVED;
    case Fail::storeCorrupt: return SAR_FILEERR;
    case Fail::storeIo: return SAR_WRITEFILEERR;
    case Fail::noRoom: return SAR_NO_ROOM;
    case Fail::pinIncorrect: return SAR_PIN_INCORRECT;
    case Fail::pinLocked: return SAR_PIN_LOCKED;
    case Fail::pinLength: return SAR_PIN_LEN_RANGE;
    case Fail::pinNotSet: return SAR_USER_PIN_NOT_INITIALIZED;
    case Fail::notLoggedIn: return SAR_USER_NOT_LOGGED_IN;
    case Fail::dataInvalid: return SAR_INDATAERR;
    case Fail::dataLength: case Fail::cipherLength: return SAR_INDATALENERR;
    case Fail::cipherInvalid: return SAR_DECRYPTPADERR;
    case Fail::keyInvalid: return SAR_INDATAERR;
    case Fail::keySize: return SAR_MODULUSLENERR;
    case Fail::envelopeInvalid: case Fail::envelopeNotOurs: case Fail::certificateInvalid: return SAR_INDATAERR;
    case Fail::unsupported: return SAR_NOTSUPPORTYETERR;
    case Fail::random: return SAR_GENRANDERR;
    case Fail::timeout: return SAR_TIMEOUTERR;
    case Fail::internal: return SAR_FAIL;
  }
  return SAR_FAIL;
}

ULONG runGuarded(const std::function<void()>& body) noexcept {
  try {
    body();
    return SAR_OK;
  } catch (const Sar& sar) {
    return sar.code;
  } catch (const Failure& failure) {
    return codeOf(failure);
  } catch (const std::bad_alloc&) {
    return SAR_MEMORYERR;
  } catch (...) {
    return SAR_FAIL;
  }
}

void strike(Token& token, const char* function) {
  if (const auto verdict = token.faultOnCall(function); verdict.returnCode) throw Sar{static_cast<ULONG>(*verdict.returnCode)};
}

/** A handle counts as long as its key stays plugged in; after that it is dead for good. */
static void enter(Device& device, const char* function) {
  strike(*device.token, function);
  const PlugState plug = device.token->plug();
  if (plug.isPresent && plug.generation == device.generation) return;
  device.isAuthenticated = false;
  throw Sar{SAR_DEVICE_REMOVED};
}

template <class T, class Body>
static ULONG withEntry(HANDLE handle, const Body& body) noexcept {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    body(Handles::get().find<T>(handle));
  });
}

ULONG withDevice(const char* function, DEVHANDLE handle, const std::function<void(const std::shared_ptr<Device>&)>& body) noexcept {
  return withEntry<Device>(handle, [&](const std::shared_ptr<Device>& device) {
    enter(*device, function);
    body(device);
  });
}

static void enterApp(App& app, const char* function) {
  try {
    enter(*app.device, function);
  } catch (const Sar&) {
    const PlugState plug = app.device->token->plug();
    if (!plug.isPresent || plug.generation != app.device->generation) app.login.clear();
    throw;
  }
}

ULONG withApp(const char* function, HAPPLICATION handle, const std::function<void(const std::shared_ptr<App>&)>& body) noexcept {
  return withEntry<App>(handle, [&](const std::shared_ptr<App>& app) {
    enterApp(*app, function);
    body(app);
  });
}

ULONG withContainer(const char* function, HCONTAINER handle, const std::function<void(ContainerRef&)>& body) noexcept {
  return withEntry<ContainerRef>(handle, [&](const std::shared_ptr<ContainerRef>& container) {
    enterApp(*container->app, function);
    body(*container);
  });
}

ULONG withSessionKey(const char* function, HANDLE handle, const std::function<void(SessionKey&)>& body) noexcept {
  return withEntry<SessionKey>(handle, [&](const std::shared_ptr<SessionKey>& key) {
    enter(*key->device, function);
    body(*key);
  });
}

ULONG withHash(const char* function, HANDLE handle, const std::function<void(HashRun&)>& body) noexcept {
  return withEntry<HashRun>(handle, [&](const std::shared_ptr<HashRun>& hash) {
    enter(*hash->device, function);
    require(!hash->isFinished, SAR_HASHOBJERR);
    body(*hash);
  });
}

ULONG withMac(const char* function, HANDLE handle, const std::function<void(MacRun&)>& body) noexcept {
  return withEntry<MacRun>(handle, [&](const std::shared_ptr<MacRun>& mac) {
    enter(*mac->device, function);
    require(!mac->isFinished, SAR_OBJERR);
    body(*mac);
  });
}

std::string nameOf(const char* text, std::size_t maxBytes, ULONG nameCode) {
  require(text != nullptr, SAR_INVALIDPARAMERR);
  const std::size_t size = ::strnlen(text, maxBytes + 1);
  require(size >= 1 && size <= maxBytes, nameCode);
  return std::string(text, size);
}

View pinOf(const char* text) {
  require(text != nullptr, SAR_INVALIDPARAMERR);
  constexpr std::size_t maxPinBytes = 64;
  const std::size_t size = ::strnlen(text, maxPinBytes + 1);
  require(size <= maxPinBytes, SAR_PIN_LEN_RANGE);
  return viewOf(std::string_view(text, size));
}

bool giveResult(View value, BYTE* out, ULONG* outLen) {
  require(outLen != nullptr, SAR_INVALIDPARAMERR);
  const ULONG room = *outLen;
  *outLen = static_cast<ULONG>(value.size());
  if (out == nullptr) return false;
  require(room >= value.size(), SAR_BUFFER_TOO_SMALL);
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
  return true;
}

void giveNames(const std::vector<std::string>& names, LPSTR out, ULONG* size) {
  std::string list;
  for (const auto& name : names) list.append(name).push_back('\0');
  list.push_back('\0');
  if (names.empty()) list.push_back('\0');
  giveResult(viewOf(list), reinterpret_cast<BYTE*>(out), size);
}

AppView viewOfApp(App& app) {
  auto state = app.device->token->read();
  const Application* found = state->find(app.name);
  require(found != nullptr, SAR_APPLICATION_NOT_EXISTS);
  // Erased and made anew since the login: nobody is logged in to the new one.
  if (app.login.role != Login::Role::none && app.login.epoch != found->epoch) app.login.clear();
  return {state, *found};
}

void requireUser(const App& app) { require(app.login.isUser(), SAR_USER_NOT_LOGGED_IN); }

void changeApp(App& app, const std::function<void(TokenState&, Application&)>& body) {
  Token::Transaction change(*app.device->token);
  body(change.state, applicationFor(change.state, app.name, app.login));
  change.commit();
}

}  // namespace bidkey::skf
