/**
 * State of the SKF face in this process: handles of devices, applications, containers, session keys, hashes and MACs. A handle is a number in
 * disguise and is looked up with its kind: a wrong one is refused, never dereferenced. One lock guards all; exports enter through with….
 */
#pragma once
#include <functional>
#include <variant>

#include "../core/containers.h"
#include "../core/crypto.h"
#include "../include/skf.h"

namespace bidkey::skf {

/** A SAR_ code on its way out of an export. */
struct Sar { ULONG code; };
ULONG codeOf(const Failure& failure);

struct Device {
  std::shared_ptr<Token> token;
  std::uint64_t generation;
  bool isAuthenticated = false;
  Bytes challenge;  // the last random number given out, for SKF_DevAuth
  std::unique_ptr<FileLock> exclusive;
};
struct App { std::shared_ptr<Device> device; std::string name; Login login; };
struct ContainerRef { std::shared_ptr<App> app; Container container; };

/** One running encryption or decryption of a session key. */
struct CipherRun { BlockCipher cipher; bool isPadded, isStream, encrypts; std::size_t held = 0; };
struct SessionKey { std::shared_ptr<Device> device; ULONG algorithm; SecureBytes key; std::optional<CipherRun> encrypt, decrypt; };
struct HashRun { std::shared_ptr<Device> device; Digest digest; bool isFinished = false; };
struct MacRun { std::shared_ptr<Device> device; BlockCipher cipher; bool isPadded; SecureBytes lastBlock; std::size_t taken = 0; bool isFinished = false; };

using Entry = std::variant<std::shared_ptr<Device>, std::shared_ptr<App>, std::shared_ptr<ContainerRef>, std::shared_ptr<SessionKey>, std::shared_ptr<HashRun>, std::shared_ptr<MacRun>>;

class Handles {
 public:
  static Handles& get();
  std::recursive_mutex mutex;
  HANDLE add(Entry entry);
  /** @throws Sar(SAR_INVALIDHANDLEERR) for a handle that is none, or one of another kind */
  template <class T>
  std::shared_ptr<T> find(HANDLE handle) {
    const auto found = entries_.find(handle);
    if (found == entries_.end() || !std::holds_alternative<std::shared_ptr<T>>(found->second)) throw Sar{SAR_INVALIDHANDLEERR};
    return std::get<std::shared_ptr<T>>(found->second);
  }
  void remove(HANDLE handle) { entries_.erase(handle); }
  /** Removes all that hangs on a device, an application. */
  void removeOf(const Device& device);
  void removeOf(const App& app);

 private:
  std::map<HANDLE, Entry> entries_;
  std::uintptr_t next_ = 0x10000;
};

ULONG runGuarded(const std::function<void()>& body) noexcept;
ULONG withDevice(const char* function, DEVHANDLE handle, const std::function<void(const std::shared_ptr<Device>&)>& body) noexcept;
ULONG withApp(const char* function, HAPPLICATION handle, const std::function<void(const std::shared_ptr<App>&)>& body) noexcept;
ULONG withContainer(const char* function, HCONTAINER handle, const std::function<void(ContainerRef&)>& body) noexcept;
ULONG withSessionKey(const char* function, HANDLE handle, const std::function<void(SessionKey&)>& body) noexcept;
ULONG withHash(const char* function, HANDLE handle, const std::function<void(HashRun&)>& body) noexcept;
ULONG withMac(const char* function, HANDLE handle, const std::function<void(MacRun&)>& body) noexcept;

void strike(Token& token, const char* function);

inline void require(bool holds, ULONG code) {
  if (!holds) throw Sar{code};
}
inline View input(const BYTE* data, ULONG size) {
  require(data != nullptr || size == 0, SAR_INVALIDPARAMERR);
  return {data, size};
}
/** A name of 1 to maxBytes bytes. @throws Sar(SAR_INVALIDPARAMERR | nameCode) */
std::string nameOf(const char* text, std::size_t maxBytes, ULONG nameCode = SAR_NAMELENERR);
/** A PIN as bytes, without a copy that outlives the call. @throws Sar(SAR_PIN_LEN_RANGE) */
View pinOf(const char* text);

/** Hands out a result: NULL asks for the length, a short buffer gets SAR_BUFFER_TOO_SMALL and the length. @returns false when only the length was asked for */
bool giveResult(View value, BYTE* out, ULONG* outLen);
/** NUL-separated names with a double NUL at the end. */
void giveNames(const std::vector<std::string>& names, LPSTR out, ULONG* size);

/** Reads the application's state. @throws Sar(SAR_USER_NOT_LOGGED_IN) when `needsUser` and nobody is */
struct AppView { std::shared_ptr<const TokenState> state; const Application& app; };
AppView viewOfApp(App& app);
void requireUser(const App& app);
/** One change of an application as one transaction. */
void changeApp(App& app, const std::function<void(TokenState&, Application&)>& body);

}  // namespace bidkey::skf
