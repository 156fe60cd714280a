/** GM/T 0016 §7.1 Device management: events, enumeration, connection, information, exclusive use. */
#include <atomic>
#include <chrono>
#include <thread>

#include "state.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
constexpr std::string_view devicePrefix = "BIDKEY-";

std::string deviceName(const std::string& serial) { return std::string(devicePrefix) + serial; }

/** @returns null for a name that belongs to no key of the folder */
std::shared_ptr<Token> tokenOfName(const std::string& name) {
  for (const auto& serial : serialsIn(tokenFolder()))
    if (deviceName(serial) == name) return tokenOf(serial);
  return nullptr;
}

/** What SKF_WaitForDevEvent has told so far. */
struct Watch {
  std::map<std::string, PlugState> known;
  bool hasStarted = false;
  std::atomic<std::uint64_t> cancellations = 0;

  void start() {
    if (hasStarted) return;
    hasStarted = true;
    for (const auto& serial : serialsIn(tokenFolder())) known[serial] = tokenOf(serial)->plug();
  }

  struct Event { std::string name; ULONG kind; };
  std::optional<Event> next() {
    for (const auto& serial : serialsIn(tokenFolder())) {
      const PlugState now = tokenOf(serial)->plug();
      const PlugState before = known[serial];
      if (now == before) continue;
      // A pull and a push between two looks are two events: the removal is told first.
      if (before.isPresent && now.isPresent) {
        known[serial].isPresent = false;
        return Event{deviceName(serial), DEV_EVENT_REMOVED};
      }
      known[serial] = now;
      if (before.isPresent != now.isPresent) return Event{deviceName(serial), now.isPresent ? DEV_EVENT_INSERTED : DEV_EVENT_REMOVED};
    }
    for (auto& [serial, state] : known) {
      if (!state.isPresent || tokenOf(serial)->plug().isPresent) continue;
      state.isPresent = false;
      return Event{deviceName(serial), DEV_EVENT_REMOVED};
    }
    return std::nullopt;
  }
};

Watch& watch() {
  static auto& value = *new Watch();
  return value;
}

template <std::size_t N>
void fillText(CHAR (&field)[N], std::string_view text) {
  std::memcpy(field, text.data(), std::min(N, text.size()));
}
}  // namespace

ULONG SKF_WaitForDevEvent(LPSTR szDevName, ULONG* pulDevNameLen, ULONG* pulEvent) {
  return runGuarded([&] {
    require(szDevName != nullptr && pulDevNameLen != nullptr && pulEvent != nullptr, SAR_INVALIDPARAMERR);
    const auto cancellations = watch().cancellations.load();
    for (;;) {
      {
        const std::lock_guard lock(Handles::get().mutex);
        watch().start();
        if (const auto event = watch().next()) {
          giveResult(viewOf(std::string_view(event->name.c_str(), event->name.size() + 1)), reinterpret_cast<BYTE*>(szDevName), pulDevNameLen);
          *pulEvent = event->kind;
          return;
        }
      }
      require(watch().cancellations.load() == cancellations, SAR_NOT_EVENTERR);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
}

ULONG SKF_CancelWaitForDevEvent(void) {
  watch().cancellations++;
  return SAR_OK;
}

ULONG SKF_EnumDev(BOOL bPresent, LPSTR szNameList, ULONG* pulSize) {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    watch().start();
    std::vector<std::string> names;
    for (const auto& serial : serialsIn(tokenFolder())) {
      const auto token = tokenOf(serial);
      strike(*token, "SKF_EnumDev");
      if (bPresent == 0 || token->plug().isPresent) names.push_back(deviceName(serial));
    }
    giveNames(names, szNameList, pulSize);
  });
}

ULONG SKF_ConnectDev(LPSTR szName, DEVHANDLE* phDev) {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    require(phDev != nullptr, SAR_INVALIDPARAMERR);
    const auto token = tokenOfName(nameOf(szName, 64));
    require(token != nullptr, SAR_INVALIDPARAMERR);
    strike(*token, "SKF_ConnectDev");
    const PlugState plug = token->plug();
    require(plug.isPresent, SAR_DEVICE_REMOVED);
    token->read();
    *phDev = Handles::get().add(std::make_shared<Device>(Device{token, plug.generation, false, {}, nullptr}));
  });
}

ULONG SKF_DisConnectDev(DEVHANDLE hDev) {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    const auto device = Handles::get().find<Device>(hDev);
    strike(*device->token, "SKF_DisConnectDev");
    Handles::get().removeOf(*device);
  });
}

ULONG SKF_GetDevState(LPSTR szDevName, ULONG* pulDevState) {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    require(pulDevState != nullptr, SAR_INVALIDPARAMERR);
    const auto token = tokenOfName(nameOf(szDevName, 64));
    if (token) strike(*token, "SKF_GetDevState");
    *pulDevState = token && token->plug().isPresent ? DEV_PRESENT_STATE : DEV_ABSENT_STATE;
  });
}

ULONG SKF_SetLabel(DEVHANDLE hDev, LPSTR szLabel) {
  return withDevice("SKF_SetLabel", hDev, [&](const auto& device) {
    const std::string label = nameOf(szLabel, 32);
    Token::Transaction change(*device->token);
    change.state.label = label;
    change.commit();
  });
}

ULONG SKF_GetDevInfo(DEVHANDLE hDev, DEVINFO* pDevInfo) {
  return withDevice("SKF_GetDevInfo", hDev, [&](const auto& device) {
    require(pDevInfo != nullptr, SAR_INVALIDPARAMERR);
    const auto state = device->token->read();
    DEVINFO info{};
    info.Version = info.HWVersion = info.FirmwareVersion = {1, 0};
    fillText(info.Manufacturer, state->manufacturer);
    fillText(info.Issuer, state->model);
    fillText(info.Label, state->label);
    fillText(info.SerialNumber, state->serial);
    info.AlgSymCap = SGD_SM4_ECB | SGD_SM4_CBC | SGD_SM4_CFB | SGD_SM4_OFB | SGD_SM4_MAC;
    info.AlgAsymCap = SGD_RSA | SGD_SM2_1_A | SGD_SM2_1_B | SGD_SM2;
    info.AlgHashCap = SGD_SM3 | SGD_SHA1 | SGD_SHA256;
    info.DevAuthAlgId = SGD_SM4_ECB;
    info.TotalSpace = state->capacityBytes;
    info.FreeSpace = state->freeBytes();
    info.MaxECCBufferSize = 1024;
    info.MaxBufferSize = 64 * 1024;
    std::memcpy(pDevInfo, &info, sizeof info);
  });
}

ULONG SKF_LockDev(DEVHANDLE hDev, ULONG ulTimeOut) {
  std::shared_ptr<Device> device;
  const ULONG code = withDevice("SKF_LockDev", hDev, [&](const auto& found) { device = found; });
  if (code != SAR_OK) return code;
  return runGuarded([&] {
    // Waited for outside the lock of this face: whoever holds the key may be another thread of this process.
    const auto limit = ulTimeOut == 0xFFFFFFFF ? std::chrono::milliseconds(std::chrono::hours(24 * 365)) : std::chrono::milliseconds(ulTimeOut);
    auto lock = std::make_unique<FileLock>(device->token->exclusiveLockFile(), limit);
    const std::lock_guard guard(Handles::get().mutex);
    device->exclusive = std::move(lock);
  });
}

ULONG SKF_UnlockDev(DEVHANDLE hDev) {
  return withDevice("SKF_UnlockDev", hDev, [&](const auto& device) {
    require(device->exclusive != nullptr, SAR_FAIL);
    device->exclusive.reset();
  });
}

ULONG SKF_Transmit(DEVHANDLE hDev, BYTE*, ULONG, BYTE*, ULONG*) {
  return withDevice("SKF_Transmit", hDev, [](const auto&) { throw Sar{SAR_NOTSUPPORTYETERR}; });
}
