/** §5.6 Session management functions. */
#include "library.h"

using namespace bidkey;
using namespace bidkey::p11;

CK_RV C_OpenSession(CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR, CK_NOTIFY, CK_SESSION_HANDLE* phSession) {
  return withSlot("C_OpenSession", slotID, [&](Library& library, Slot& slot) {
    require(phSession != nullptr, CKR_ARGUMENTS_BAD);
    require((flags & CKF_SERIAL_SESSION) != 0, CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    const auto state = readPresent(slot);
    require(state->isInitialized, CKR_TOKEN_NOT_RECOGNIZED);
    const PlugState plug = slot.token->plug();
    if (plug.generation != slot.generation) library.closeSessionsOf(slot);
    slot.generation = plug.generation;
    require((flags & CKF_RW_SESSION) != 0 || !slot.login.isAdmin(), CKR_SESSION_READ_WRITE_SO_EXISTS);
    const CK_SESSION_HANDLE handle = library.nextSession++;
    Session& session = library.sessions[handle];
    session.handle = handle;
    session.slot = &slot;
    session.flags = flags & (CKF_RW_SESSION | CKF_SERIAL_SESSION);
    *phSession = handle;
  });
}

CK_RV C_CloseSession(CK_SESSION_HANDLE hSession) {
  // Closing works while the key is away, too.
  return withLibrary("C_CloseSession", [&](Library& library) { library.closeSession(hSession); });
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slotID) {
  return withSlot("C_CloseAllSessions", slotID, [&](Library& library, Slot& slot) { library.closeSessionsOf(slot); });
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE hSession, CK_SESSION_INFO* pInfo) {
  return withSession("C_GetSessionInfo", hSession, [&](Library&, Session& session) {
    require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
    *pInfo = {session.slot->id, stateOf(session), session.flags, 0};
  });
}

CK_RV C_Login(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen) {
  return withSession("C_Login", hSession, [&](Library& library, Session& session) {
    const View pin = input(pPin, ulPinLen);
    require(userType != CKU_CONTEXT_SPECIFIC, CKR_OPERATION_NOT_INITIALIZED);
    require(userType == CKU_USER || userType == CKU_SO, CKR_USER_TYPE_INVALID);
    require(pPin != nullptr, CKR_ARGUMENTS_BAD);
    Slot& slot = *session.slot;
    const auto role = userType == CKU_USER ? Login::Role::user : Login::Role::admin;
    require(slot.login.role != role, CKR_USER_ALREADY_LOGGED_IN);
    require(slot.login.role == Login::Role::none, CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
    require(userType == CKU_USER || library.countSessions(slot, false) == library.countSessions(slot, true), CKR_SESSION_READ_ONLY_EXISTS);
    slot.login = verifyPin(*slot.token, slot.token->read()->primary().name, userType == CKU_USER ? PinKind::user : PinKind::admin, pin);
  });
}

CK_RV C_Logout(CK_SESSION_HANDLE hSession) {
  return withSession("C_Logout", hSession, [&](Library& library, Session& session) {
    require(session.slot->login.role != Login::Role::none, CKR_USER_NOT_LOGGED_IN);
    library.logOut(*session.slot);
  });
}
