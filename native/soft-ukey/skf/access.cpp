/** GM/T 0016 §7.2 Access control: device authentication and PINs. */
#include <utility>

#include "state.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
PinKind kindOf(ULONG ulPINType) {
  require(ulPINType == ADMIN_TYPE || ulPINType == USER_TYPE, SAR_USER_TYPE_INVALID);
  return ulPINType == USER_TYPE ? PinKind::user : PinKind::admin;
}

/** Runs a PIN step and tells the tries left afterwards, whether it went well or not. */
template <class Step>
void tellingTries(App& app, PinKind kind, ULONG* retryCount, const Step& step) {
  const auto tell = [&] {
    if (retryCount != nullptr) *retryCount = viewOfApp(app).app.pin(kind).triesLeft;
  };
  try {
    step();
  } catch (...) {
    tell();
    throw;
  }
  tell();
}
}  // namespace

ULONG SKF_ChangeDevAuthKey(DEVHANDLE hDev, BYTE* pbKeyValue, ULONG ulKeyLen) {
  return withDevice("SKF_ChangeDevAuthKey", hDev, [&](const auto& device) {
    const View key = input(pbKeyValue, ulKeyLen);
    require(key.size() == 16, SAR_INDATALENERR);
    require(device->isAuthenticated, SAR_USER_NOT_LOGGED_IN);
    Token::Transaction change(*device->token);
    change.state.deviceAuthKey = plainBytes(key);
    change.commit();
  });
}

ULONG SKF_DevAuth(DEVHANDLE hDev, BYTE* pbAuthData, ULONG ulLen) {
  return withDevice("SKF_DevAuth", hDev, [&](const auto& device) {
    const View answer = input(pbAuthData, ulLen);
    require(answer.size() == 16, SAR_INDATALENERR);
    // The challenge is the last random number, 8 bytes padded with zeros or 16 bytes; it serves once.
    Bytes challenge = std::exchange(device->challenge, {});
    require(challenge.size() == 8 || challenge.size() == 16, SAR_FAIL);
    challenge.resize(16);
    const SecureBytes right = encryptBlocks("SM4-ECB", device->token->read()->deviceAuthKey, {}, challenge, false);
    require(CRYPTO_memcmp(right.data(), answer.data(), right.size()) == 0, SAR_FAIL);
    device->isAuthenticated = true;
  });
}

ULONG SKF_ChangePIN(HAPPLICATION hApp, ULONG ulPINType, LPSTR szOldPin, LPSTR szNewPin, ULONG* pulRetryCount) {
  return withApp("SKF_ChangePIN", hApp, [&](const auto& app) {
    const PinKind kind = kindOf(ulPINType);
    const View oldPin = pinOf(szOldPin), newPin = pinOf(szNewPin);
    tellingTries(*app, kind, pulRetryCount, [&] { changePin(*app->device->token, app->name, kind, oldPin, newPin); });
  });
}

ULONG SKF_GetPINInfo(HAPPLICATION hApp, ULONG ulPINType, ULONG* pulMaxRetryCount, ULONG* pulRemainRetryCount, BOOL* pbDefaultPin) {
  return withApp("SKF_GetPINInfo", hApp, [&](const auto& app) {
    const PinKind kind = kindOf(ulPINType);
    require(!app->device->token->faults().hidesPinFlags(), SAR_NOTSUPPORTYETERR);
    const AppView view = viewOfApp(*app);
    const PinRecord& pin = view.app.pin(kind);
    require(pin.isSet, SAR_USER_PIN_NOT_INITIALIZED);
    if (pulMaxRetryCount != nullptr) *pulMaxRetryCount = pin.maxTries;
    if (pulRemainRetryCount != nullptr) *pulRemainRetryCount = pin.triesLeft;
    if (pbDefaultPin != nullptr) *pbDefaultPin = pin.isDefault ? 1 : 0;
  });
}

ULONG SKF_VerifyPIN(HAPPLICATION hApp, ULONG ulPINType, LPSTR szPIN, ULONG* pulRetryCount) {
  return withApp("SKF_VerifyPIN", hApp, [&](const auto& app) {
    const PinKind kind = kindOf(ulPINType);
    const View pin = pinOf(szPIN);
    tellingTries(*app, kind, pulRetryCount, [&] { app->login = verifyPin(*app->device->token, app->name, kind, pin); });
  });
}

ULONG SKF_UnblockPIN(HAPPLICATION hApp, LPSTR szAdminPIN, LPSTR szNewUserPIN, ULONG* pulRetryCount) {
  return withApp("SKF_UnblockPIN", hApp, [&](const auto& app) {
    const View adminPin = pinOf(szAdminPIN), newUserPin = pinOf(szNewUserPIN);
    tellingTries(*app, PinKind::admin, pulRetryCount, [&] { unblockUserPin(*app->device->token, app->name, adminPin, newUserPin); });
  });
}

ULONG SKF_ClearSecureState(HAPPLICATION hApp) {
  return withApp("SKF_ClearSecureState", hApp, [&](const auto& app) { app->login.clear(); });
}
