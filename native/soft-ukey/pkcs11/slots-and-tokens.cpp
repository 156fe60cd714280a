/** §5.5 Slot and token management functions. */
#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "library.h"

using namespace bidkey;
using namespace bidkey::p11;

namespace {

/** Writes a list, or its length when `list` is NULL (§5.2). */
template <class Item>
void writeList(const std::vector<Item>& items, Item* list, CK_ULONG* count) {
  const CK_ULONG room = *count;
  *count = items.size();
  if (list == nullptr) return;
  require(room >= items.size(), CKR_BUFFER_TOO_SMALL);
  std::copy(items.begin(), items.end(), list);
}

CK_FLAGS pinFlags(const PinRecord& pin, bool user) {
  if (!pin.isSet) return 0;
  CK_FLAGS flags = 0;
  if (pin.triesLeft == 0) flags |= CKF_USER_PIN_LOCKED;
  if (pin.triesLeft == 1) flags |= CKF_USER_PIN_FINAL_TRY;
  // "At least one wrong PIN since the last right one" (table 11).
  if (pin.triesLeft < pin.maxTries) flags |= CKF_USER_PIN_COUNT_LOW;
  if (pin.toBeChanged) flags |= CKF_USER_PIN_TO_BE_CHANGED;
  return user ? flags : flags << 4;
}

CK_FLAGS tokenFlags(const TokenState& state, bool hidePinFlags) {
  const auto& app = state.primary();
  CK_FLAGS flags = CKF_RNG | CKF_LOGIN_REQUIRED;
  if (state.isInitialized) flags |= CKF_TOKEN_INITIALIZED;
  if (app.user.isSet) flags |= CKF_USER_PIN_INITIALIZED;
  return hidePinFlags ? flags : flags | pinFlags(app.user, true) | pinFlags(app.admin, false);
}

/** The next slot whose state has changed since it was last reported. */
std::optional<CK_SLOT_ID> nextEvent(Library& library) {
  library.refreshSlots();
  for (auto& slot : library.slots) {
    const PlugState now = slot->token->plug();
    if (now == slot->reported) continue;
    slot->reported = now;
    return slot->id;
  }
  return std::nullopt;
}

}  // namespace

CK_RV C_GetSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID* pSlotList, CK_ULONG* pulCount) {
  return withLibrary("C_GetSlotList", [&](Library& library) {
    require(pulCount != nullptr, CKR_ARGUMENTS_BAD);
    if (pSlotList == nullptr) library.refreshSlots();
    std::vector<CK_SLOT_ID> ids;
    for (const auto& slot : library.slots)
      if (tokenPresent == CK_FALSE || slot->token->plug().isPresent) ids.push_back(slot->id);
    writeList(ids, pSlotList, pulCount);
  });
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slotID, CK_SLOT_INFO* pInfo) {
  return withSlot("C_GetSlotInfo", slotID, [&](Library&, Slot& slot) {
    require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
    *pInfo = CK_SLOT_INFO{};
    fillText(pInfo->slotDescription, "BidKey software UKey slot " + slot.token->serial());
    fillText(pInfo->manufacturerID, "BidKey");
    pInfo->flags = CKF_REMOVABLE_DEVICE | (slot.token->plug().isPresent ? CKF_TOKEN_PRESENT : 0);
    pInfo->hardwareVersion = pInfo->firmwareVersion = {1, 0};
  });
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slotID, CK_TOKEN_INFO* pInfo) {
  return withSlot("C_GetTokenInfo", slotID, [&](Library& library, Slot& slot) {
    require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
    const auto state = readPresent(slot);
    *pInfo = CK_TOKEN_INFO{};
    fillText(pInfo->label, state->isInitialized ? state->label : "");
    fillText(pInfo->manufacturerID, state->manufacturer);
    fillText(pInfo->model, state->model);
    fillText(pInfo->serialNumber, state->serial);
    pInfo->flags = tokenFlags(*state, slot.token->faults().hidesPinFlags());
    pInfo->ulMaxSessionCount = pInfo->ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
    pInfo->ulSessionCount = library.countSessions(slot, false);
    pInfo->ulRwSessionCount = library.countSessions(slot, true);
    pInfo->ulMaxPinLen = state->maxPinLength;
    pInfo->ulMinPinLen = state->minPinLength;
    pInfo->ulTotalPublicMemory = pInfo->ulTotalPrivateMemory = state->capacityBytes;
    pInfo->ulFreePublicMemory = pInfo->ulFreePrivateMemory = state->freeBytes();
    pInfo->hardwareVersion = pInfo->firmwareVersion = {1, 0};
    std::memset(pInfo->utcTime, ' ', sizeof pInfo->utcTime);
  });
}

CK_RV C_GetMechanismList(CK_SLOT_ID slotID, CK_MECHANISM_TYPE* pMechanismList, CK_ULONG* pulCount) {
  return withSlot("C_GetMechanismList", slotID, [&](Library&, Slot& slot) {
    require(pulCount != nullptr, CKR_ARGUMENTS_BAD);
    readPresent(slot);
    std::vector<CK_MECHANISM_TYPE> types;
    for (const auto& row : mechanismTable()) types.push_back(row.type);
    writeList(types, pMechanismList, pulCount);
  });
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* pInfo) {
  return withSlot("C_GetMechanismInfo", slotID, [&](Library&, Slot& slot) {
    require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
    const auto state = readPresent(slot);
    const auto& row = requireMechanism(type, 0);
    *pInfo = {row.minKeySize, row.maxKeySize, row.flags | (state->claimsHardware ? CKF_HW : 0)};
  });
}

CK_RV C_InitToken(CK_SLOT_ID slotID, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pLabel) {
  return withSlot("C_InitToken", slotID, [&](Library& library, Slot& slot) {
    const View pin = input(pPin, ulPinLen);
    require(pPin != nullptr && pLabel != nullptr, CKR_ARGUMENTS_BAD);
    const auto before = readPresent(slot);
    require(library.countSessions(slot, false) == 0, CKR_SESSION_EXISTS);
    const std::string name = before->primary().name;
    if (before->isInitialized) verifyPin(*slot.token, name, PinKind::admin, pin);
    Token::Transaction change(*slot.token);
    const auto& old = change.state.primary();
    // All keys of the application go; other SKF applications on the token stay.
    change.state.primary() = makeApplication(change.state, name, pin, old.admin.maxTries, {}, old.user.maxTries);
    std::string label = textOf(View(pLabel, 32));
    label.erase(label.find_last_not_of(' ') + 1);
    change.state.label = label;
    change.state.isInitialized = true;
    change.commit();
  });
}

CK_RV C_InitPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen) {
  return withSession("C_InitPIN", hSession, [&](Library&, Session& session) {
    const View pin = input(pPin, ulPinLen);
    require(pPin != nullptr, CKR_ARGUMENTS_BAD);
    require(stateOf(session) == CKS_RW_SO_FUNCTIONS, CKR_USER_NOT_LOGGED_IN);
    setUserPin(*session.slot->token, session.slot->token->read()->primary().name, session.slot->login, pin);
  });
}

CK_RV C_SetPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pOldPin, CK_ULONG ulOldLen, CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen) {
  return withSession("C_SetPIN", hSession, [&](Library&, Session& session) {
    const View oldPin = input(pOldPin, ulOldLen), newPin = input(pNewPin, ulNewLen);
    require(pOldPin != nullptr && pNewPin != nullptr, CKR_ARGUMENTS_BAD);
    require(session.isReadWrite(), CKR_SESSION_READ_ONLY);
    const PinKind kind = session.slot->login.isAdmin() ? PinKind::admin : PinKind::user;
    changePin(*session.slot->token, session.slot->token->read()->primary().name, kind, oldPin, newPin);
  });
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID* pSlot, CK_VOID_PTR pReserved) {
  return runGuarded([&] {
    require(pSlot != nullptr && pReserved == nullptr, CKR_ARGUMENTS_BAD);
    Library& library = Library::get();
    std::optional<std::uint64_t> epoch;
    for (;;) {
      {
        const std::lock_guard lock(library.mutex);
        // C_Finalize in another thread ends the waiting (§5.5).
        require(library.startedHere() && (!epoch || *epoch == library.epoch), CKR_CRYPTOKI_NOT_INITIALIZED);
        epoch = library.epoch;
        if (const auto event = nextEvent(library)) {
          *pSlot = *event;
          return;
        }
      }
      require((flags & CKF_DONT_BLOCK) == 0, CKR_NO_EVENT);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
}
