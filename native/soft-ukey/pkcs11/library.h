/**
 * State of the PKCS#11 face in this process: slots (one per key file), sessions, logins, session objects. One lock guards all of it;
 * exported functions enter through withLibrary / withSlot / withSession, which check, strike by the fault plan, and map failures to codes.
 */
#pragma once
#include <functional>
#include <set>

#include "../core/vault.h"
#include "operations.h"

namespace bidkey::p11 {

/** A PKCS#11 return value on its way out of an export. */
struct Rv { CK_RV code; };
CK_RV codeOf(const Failure& failure);

struct SessionObject { Object object; CK_SESSION_HANDLE owner; };

struct Slot {
  CK_SLOT_ID id;
  std::shared_ptr<Token> token;
  Login login;
  std::uint64_t generation = 0;  // plug generation in which the sessions were opened
  PlugState reported;            // last state told by C_WaitForSlotEvent
  std::map<CK_OBJECT_HANDLE, SessionObject> sessionObjects;
};

struct Session {
  CK_SESSION_HANDLE handle;
  Slot* slot;
  CK_FLAGS flags;
  Operations operations;
  bool isReadWrite() const { return (flags & CKF_RW_SESSION) != 0; }
};

class Library {
 public:
  static Library& get();
  std::mutex mutex;
  bool isInitialized = false;
  std::uint64_t epoch = 0;  // goes up with every C_Initialize and C_Finalize
  std::vector<std::unique_ptr<Slot>> slots;
  std::map<CK_SESSION_HANDLE, Session> sessions;
  CK_SESSION_HANDLE nextSession = 1;
  CK_OBJECT_HANDLE nextSessionObject = 0;

  void start();
  void stop();
  bool startedHere() const;
  /** Slots for keys that have come into the folder since. */
  void refreshSlots();
  Slot& slot(CK_SLOT_ID id);
  void closeSession(CK_SESSION_HANDLE handle);
  void closeSessionsOf(const Slot& slot);
  /** Ends the login: private session objects and running operations go with it. */
  void logOut(Slot& slot);
  std::size_t countSessions(const Slot& slot, bool readWriteOnly) const;

 private:
  int process_ = 0;
};

/** Reads the key of a slot. @throws Rv for a key that is away, gone or damaged */
std::shared_ptr<const TokenState> readPresent(Slot& slot);
CK_STATE stateOf(const Session& session);

CK_RV runGuarded(const std::function<void()>& body) noexcept;
CK_RV withLibrary(const char* function, const std::function<void(Library&)>& body) noexcept;
CK_RV withSlot(const char* function, CK_SLOT_ID id, const std::function<void(Library&, Slot&)>& body) noexcept;
CK_RV withSession(const char* function, CK_SESSION_HANDLE handle, const std::function<void(Library&, Session&)>& body) noexcept;

inline void require(bool holds, CK_RV code) {
  if (!holds) throw Rv{code};
}
/** A byte string handed in. @throws Rv(CKR_ARGUMENTS_BAD) for NULL with a length */
inline View input(const void* data, CK_ULONG size) {
  require(data != nullptr || size == 0, CKR_ARGUMENTS_BAD);
  return {static_cast<const std::uint8_t*>(data), size};
}
/** Blank-padded text field. */
template <std::size_t N>
void fillText(CK_UTF8CHAR (&field)[N], std::string_view text) {
  std::memset(field, ' ', N);
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

}  // namespace bidkey::p11
