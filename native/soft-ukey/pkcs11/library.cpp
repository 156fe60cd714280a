/** Slots, sessions, and the guarded entry of every export. */
#include "library.h"

#include <unistd.h>

#include <algorithm>

namespace bidkey::p11 {

Library& Library::get() {
  // Never destroyed: a host may call in from another thread while the process ends.
  static auto& library = *new Library();
  return library;
}

void Library::start() {
  slots.clear();
  sessions.clear();
  isInitialized = true;
  epoch++;
  process_ = ::getpid();
  refreshSlots();
  for (auto& slot : slots) slot->reported = slot->token->plug();
}

void Library::stop() {
  sessions.clear();
  slots.clear();
  isInitialized = false;
  epoch++;
}

// A forked child shares nothing with the library of its parent: it must initialize anew (§5.4 C_Initialize).
bool Library::startedHere() const { return isInitialized && process_ == ::getpid(); }

void Library::refreshSlots() {
  for (const auto& serial : serialsIn(tokenFolder())) {
    auto token = tokenOf(serial);
    const bool known = std::any_of(slots.begin(), slots.end(), [&](const auto& slot) { return slot->token == token; });
    if (known) continue;
    slots.push_back(std::make_unique<Slot>());
    slots.back()->id = slots.size() - 1;
    slots.back()->token = std::move(token);
  }
}

Slot& Library::slot(CK_SLOT_ID id) {
  require(id < slots.size(), CKR_SLOT_ID_INVALID);
  return *slots[id];
}

std::size_t Library::countSessions(const Slot& slot, bool readWriteOnly) const {
  return static_cast<std::size_t>(std::count_if(sessions.begin(), sessions.end(), [&](const auto& entry) { return entry.second.slot == &slot && (!readWriteOnly || entry.second.isReadWrite()); }));
}

void Library::logOut(Slot& slot) {
  slot.login.clear();
  for (auto& [handle, session] : sessions)
    if (session.slot == &slot) session.operations.cancelKeyOperations();
  std::erase_if(slot.sessionObjects, [](const auto& entry) { return entry.second.object.isPrivate(); });
}

void Library::closeSession(CK_SESSION_HANDLE handle) {
  const auto found = sessions.find(handle);
  require(found != sessions.end(), CKR_SESSION_HANDLE_INVALID);
  Slot& slot = *found->second.slot;
  std::erase_if(slot.sessionObjects, [&](const auto& entry) { return entry.second.owner == handle; });
  sessions.erase(found);
  if (countSessions(slot, false) == 0) logOut(slot);
}

void Library::closeSessionsOf(const Slot& slot) {
  std::vector<CK_SESSION_HANDLE> own;
  for (const auto& [handle, session] : sessions)
    if (session.slot == &slot) own.push_back(handle);
  for (const auto handle : own) closeSession(handle);
}

std::shared_ptr<const TokenState> readPresent(Slot& slot) {
  require(slot.token->plug().isPresent, CKR_TOKEN_NOT_PRESENT);
  return slot.token->read();
}

CK_STATE stateOf(const Session& session) {
  if (session.slot->login.isAdmin()) return CKS_RW_SO_FUNCTIONS;
  if (session.slot->login.isUser()) return session.isReadWrite() ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
  return session.isReadWrite() ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
}

CK_RV codeOf(const Failure& failure) {
  switch (failure.kind()) {
    case Fail::notPresent: return CKR_TOKEN_NOT_PRESENT;
    case Fail::noSuchKey: return CKR_TOKEN_NOT_PRESENT;
    case Fail::storeCorrupt: return CKR_TOKEN_NOT_RECOGNIZED;
    case Fail::storeIo: return CKR_DEVICE_ERROR;
    case Fail::noRoom: return CKR_DEVICE_MEMORY;
    case Fail::pinIncorrect: return CKR_PIN_INCORRECT;
    case Fail::pinLocked: return CKR_PIN_LOCKED;
    case Fail::pinLength: return CKR_PIN_LEN_RANGE;
    case Fail::pinNotSet: return CKR_USER_PIN_NOT_INITIALIZED;
    case Fail::notLoggedIn: return CKR_USER_NOT_LOGGED_IN;
    case Fail::dataInvalid: return CKR_DATA_INVALID;
    case Fail::dataLength: return CKR_DATA_LEN_RANGE;
    case Fail::cipherInvalid: return CKR_ENCRYPTED_DATA_INVALID;
    case Fail::cipherLength: return CKR_ENCRYPTED_DATA_LEN_RANGE;
    case Fail::keyInvalid: return CKR_ATTRIBUTE_VALUE_INVALID;
    case Fail::keySize: return CKR_KEY_SIZE_RANGE;
    case Fail::envelopeInvalid: return CKR_WRAPPED_KEY_INVALID;
    case Fail::envelopeNotOurs: return CKR_WRAPPED_KEY_INVALID;
    case Fail::certificateInvalid: return CKR_ATTRIBUTE_VALUE_INVALID;
    case Fail::unsupported: return CKR_FUNCTION_NOT_SUPPORTED;
    case Fail::random: return CKR_DEVICE_ERROR;
    case Fail::timeout: return CKR_DEVICE_ERROR;
    case Fail::internal: return CKR_GENERAL_ERROR;
  }
  return CKR_GENERAL_ERROR;
}

CK_RV runGuarded(const std::function<void()>& body) noexcept {
  try {
    body();
    return CKR_OK;
  } catch (const Rv& rv) {
    return rv.code;
  } catch (const Failure& failure) {
    return codeOf(failure);
  } catch (const std::bad_alloc&) {
    return CKR_HOST_MEMORY;
  } catch (...) {
    return CKR_GENERAL_ERROR;
  }
}

static void strike(Token& token, const char* function) {
  if (const auto verdict = token.faultOnCall(function); verdict.returnCode) throw Rv{static_cast<CK_RV>(*verdict.returnCode)};
}

CK_RV withLibrary(const char* function, const std::function<void(Library&)>& body) noexcept {
  return runGuarded([&] {
    Library& library = Library::get();
    const std::lock_guard lock(library.mutex);
    require(library.startedHere(), CKR_CRYPTOKI_NOT_INITIALIZED);
    for (const auto& slot : library.slots) strike(*slot->token, function);
    body(library);
  });
}

CK_RV withSlot(const char* function, CK_SLOT_ID id, const std::function<void(Library&, Slot&)>& body) noexcept {
  return runGuarded([&] {
    Library& library = Library::get();
    const std::lock_guard lock(library.mutex);
    require(library.startedHere(), CKR_CRYPTOKI_NOT_INITIALIZED);
    Slot& slot = library.slot(id);
    strike(*slot.token, function);
    body(library, slot);
  });
}

/** Sessions do not survive an unplugging (§5.6): while the key is away they answer CKR_DEVICE_REMOVED, once it is back they are gone. */
static void requireSamePlug(Library& library, Slot& slot) {
  const PlugState plug = slot.token->plug();
  if (plug.isPresent && plug.generation == slot.generation) return;
  library.logOut(slot);
  if (!plug.isPresent) throw Rv{CKR_DEVICE_REMOVED};
  library.closeSessionsOf(slot);
  throw Rv{CKR_SESSION_HANDLE_INVALID};
}

CK_RV withSession(const char* function, CK_SESSION_HANDLE handle, const std::function<void(Library&, Session&)>& body) noexcept {
  return runGuarded([&] {
    Library& library = Library::get();
    const std::lock_guard lock(library.mutex);
    require(library.startedHere(), CKR_CRYPTOKI_NOT_INITIALIZED);
    const auto found = library.sessions.find(handle);
    require(found != library.sessions.end(), CKR_SESSION_HANDLE_INVALID);
    Slot& slot = *found->second.slot;
    strike(*slot.token, function);
    requireSamePlug(library, slot);
    // Another process may have erased the token: what was logged in to is gone.
    if (slot.login.role != Login::Role::none && slot.token->read()->primary().epoch != slot.login.epoch) library.logOut(slot);
    body(library, found->second);
  });
}

}  // namespace bidkey::p11
