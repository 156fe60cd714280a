/** GM/T 0016 §7.6 Session keys: set, exported to another's public key, imported with the container's own key; random numbers. */
#include "container-keys.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
constexpr std::size_t sm4KeyBytes = 16;

bool isSupported(ULONG algorithm) { return algorithm == SGD_SM4_ECB || algorithm == SGD_SM4_CBC || algorithm == SGD_SM4_CFB || algorithm == SGD_SM4_OFB || algorithm == SGD_SM4_MAC; }

HANDLE addSessionKey(const std::shared_ptr<Device>& device, ULONG algorithm, SecureBytes key) {
  require(key.size() == sm4KeyBytes, SAR_INDATALENERR);
  return Handles::get().add(std::make_shared<SessionKey>(SessionKey{device, algorithm, std::move(key), std::nullopt, std::nullopt}));
}

SecureBytes unwrapSessionKey(const Object& key, View wrapped) {
  try {
    if (key.number(CKA_KEY_TYPE) == CKK_RSA) return rsaDecrypt(rsaKey(rsaPairOf(key)), wrapped, {});
    const Sm2KeyPair pair = sm2PairOf(key);
    return sm2Decrypt(pair.d, pair.pub, readCipherBlob(wrapped.data(), wrapped.size()));
  } catch (const Failure&) {
    throw Sar{SAR_INDATAERR};
  }
}
}  // namespace

ULONG SKF_GenRandom(DEVHANDLE hDev, BYTE* pbRandom, ULONG ulRandomLen) {
  return withDevice("SKF_GenRandom", hDev, [&](const auto& device) {
    require(pbRandom != nullptr || ulRandomLen == 0, SAR_INVALIDPARAMERR);
    if (ulRandomLen > 0) fillRandom({pbRandom, ulRandomLen});
    device->challenge = plainBytes(View(pbRandom, ulRandomLen));
  });
}

ULONG SKF_SetSymmKey(DEVHANDLE hDev, BYTE* pbKey, ULONG ulAlgID, HANDLE* phKey) {
  return withDevice("SKF_SetSymmKey", hDev, [&](const auto& device) {
    require(phKey != nullptr && pbKey != nullptr, SAR_INVALIDPARAMERR);
    require(isSupported(ulAlgID), SAR_NOTSUPPORTYETERR);
    *phKey = addSessionKey(device, ulAlgID, secureBytes(View(pbKey, sm4KeyBytes)));
  });
}

ULONG SKF_ECCExportSessionKey(HCONTAINER hContainer, ULONG ulAlgId, ECCPUBLICKEYBLOB* pPubKey, ECCCIPHERBLOB* pData, HANDLE* phSessionKey) {
  return withContainer("SKF_ECCExportSessionKey", hContainer, [&](ContainerRef& handle) {
    require(pData != nullptr && phSessionKey != nullptr, SAR_INVALIDPARAMERR);
    require(isSupported(ulAlgId), SAR_NOTSUPPORTYETERR);
    const Sm2Public recipient = sm2PublicOfBlob(pPubKey);
    SecureBytes key = randomBytes(sm4KeyBytes);
    writeCipherBlob(sm2Encrypt(recipient, key), pData);
    *phSessionKey = addSessionKey(handle.app->device, ulAlgId, std::move(key));
  });
}

ULONG SKF_RSAExportSessionKey(HCONTAINER hContainer, ULONG ulAlgId, RSAPUBLICKEYBLOB* pPubKey, BYTE* pbData, ULONG* pulDataLen, HANDLE* phSessionKey) {
  return withContainer("SKF_RSAExportSessionKey", hContainer, [&](ContainerRef& handle) {
    require(phSessionKey != nullptr, SAR_INVALIDPARAMERR);
    require(isSupported(ulAlgId), SAR_NOTSUPPORTYETERR);
    SecureBytes key = randomBytes(sm4KeyBytes);
    if (giveResult(rsaEncrypt(rsaKey(rsaPublicOfBlob(pPubKey)), key, {}), pbData, pulDataLen)) *phSessionKey = addSessionKey(handle.app->device, ulAlgId, std::move(key));
  });
}

ULONG SKF_ImportSessionKey(HCONTAINER hContainer, ULONG ulAlgId, BYTE* pbWrappedData, ULONG ulWrappedLen, HANDLE* phKey) {
  return withContainer("SKF_ImportSessionKey", hContainer, [&](ContainerRef& handle) {
    require(phKey != nullptr && pbWrappedData != nullptr, SAR_INVALIDPARAMERR);
    require(isSupported(ulAlgId), SAR_NOTSUPPORTYETERR);
    *phKey = addSessionKey(handle.app->device, ulAlgId, unwrapSessionKey(openingKeyOf(handle), View(pbWrappedData, ulWrappedLen)));
  });
}

ULONG SKF_CloseHandle(HANDLE hHandle) {
  return runGuarded([&] {
    auto& handles = Handles::get();
    const std::lock_guard lock(handles.mutex);
    const auto closes = [&]<class T>(T*) {
      try {
        strike(*handles.find<T>(hHandle)->device->token, "SKF_CloseHandle");
        handles.remove(hHandle);
        return true;
      } catch (const Sar& sar) {
        if (sar.code != SAR_INVALIDHANDLEERR) throw;
        return false;
      }
    };
    // Devices, applications and containers have calls of their own.
    const bool closed = closes(static_cast<SessionKey*>(nullptr)) || closes(static_cast<HashRun*>(nullptr)) || closes(static_cast<MacRun*>(nullptr));
    require(closed, SAR_INVALIDHANDLEERR);
  });
}
