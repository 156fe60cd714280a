/** GM/T 0016 §7.6 SM2: key pairs, signatures, encryption with keys of the container and with keys handed in. */
#include "container-keys.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace bidkey::skf {

Object privateKeyOf(ContainerRef& handle, KeyRole role) {
  const AppView view = viewOfApp(*handle.app);
  requireUser(*handle.app);
  auto key = containerObject(view.app, handle.app->login, handle.container.id, role, CKO_PRIVATE_KEY);
  require(key.has_value(), SAR_KEYNOTFOUNTERR);
  return std::move(*key);
}

Object openingKeyOf(ContainerRef& handle) {
  try {
    return privateKeyOf(handle, KeyRole::encrypt);
  } catch (const Sar& sar) {
    if (sar.code != SAR_KEYNOTFOUNTERR) throw;
    return privateKeyOf(handle, KeyRole::sign);
  }
}

Sm2KeyPair sm2KeyOf(ContainerRef& handle, KeyRole role) {
  const Object key = privateKeyOf(handle, role);
  require(key.number(CKA_KEY_TYPE) == CKK_SM2, SAR_KEYUSAGEERR);
  return sm2PairOf(key);
}

}  // namespace bidkey::skf

static View digestOfCall(const BYTE* data, ULONG size) {
  const View digest = input(data, size);
  require(digest.size() == 32, SAR_INDATALENERR);
  return digest;
}

static SecureBytes decryptBlob(const Sm2KeyPair& pair, const Sm2Cipher& cipher) {
  try {
    return sm2Decrypt(pair.d, pair.pub, cipher);
  } catch (const Failure&) {
    throw Sar{SAR_INDATAERR};
  }
}

static void verifyBlob(const ECCPUBLICKEYBLOB* pub, View digest, const ECCSIGNATUREBLOB* signature) {
  require(sm2Verify(sm2PublicOfBlob(pub), digest, rawOf(signature)), SAR_HASHNOTEQUALERR);
}

ULONG SKF_GenECCKeyPair(HCONTAINER hContainer, ULONG ulAlgId, ECCPUBLICKEYBLOB* pBlob) {
  return withContainer("SKF_GenECCKeyPair", hContainer, [&](ContainerRef& handle) {
    require(pBlob != nullptr, SAR_INVALIDPARAMERR);
    require(ulAlgId == SGD_SM2_1_A || ulAlgId == SGD_SM2_1_B, SAR_INVALIDPARAMERR);
    viewOfApp(*handle.app);
    requireUser(*handle.app);
    const Sm2KeyPair pair = sm2Generate();
    changeApp(*handle.app, [&](TokenState& state, Application& app) {
      putKeyPair(state, app, handle.app->login, handle.container, KeyRole::sign, publicAttributes(pair.pub), privateAttributes(pair), true);
    });
    *pBlob = blobOf(pair.pub);
  });
}

ULONG SKF_ImportECCKeyPair(HCONTAINER hContainer, ENVELOPEDKEYBLOB* pEnvelopedKeyBlob) {
  return withContainer("SKF_ImportECCKeyPair", hContainer, [&](ContainerRef& handle) {
    const Sm2KeyPair opener = sm2KeyOf(handle, KeyRole::sign);
    const Sm2KeyPair pair = sm2OpenEnvelope(readEnvelopeBlob(pEnvelopedKeyBlob), opener.d, opener.pub);
    changeApp(*handle.app, [&](TokenState& state, Application& app) {
      putKeyPair(state, app, handle.app->login, handle.container, KeyRole::encrypt, publicAttributes(pair.pub), privateAttributes(pair), false);
    });
  });
}

ULONG SKF_ECCSignData(HCONTAINER hContainer, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature) {
  return withContainer("SKF_ECCSignData", hContainer, [&](ContainerRef& handle) {
    require(pSignature != nullptr, SAR_INVALIDPARAMERR);
    const View digest = digestOfCall(pbData, ulDataLen);
    const Sm2KeyPair pair = sm2KeyOf(handle, KeyRole::sign);
    *pSignature = signatureBlobOf(sm2Sign(pair.d, pair.pub, digest));
  });
}

ULONG SKF_ECCVerify(DEVHANDLE hDev, ECCPUBLICKEYBLOB* pPubKey, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature) {
  return withDevice("SKF_ECCVerify", hDev, [&](const auto&) { verifyBlob(pPubKey, digestOfCall(pbData, ulDataLen), pSignature); });
}

ULONG SKF_ECCDecrypt(HCONTAINER hContainer, ECCCIPHERBLOB* pCipherBlob, BYTE* pbPlainText, ULONG* pulPlainTextLen) {
  return withContainer("SKF_ECCDecrypt", hContainer, [&](ContainerRef& handle) {
    const Sm2Cipher cipher = readCipherBlob(reinterpret_cast<const BYTE*>(pCipherBlob), std::nullopt);
    const Object key = openingKeyOf(handle);
    require(key.number(CKA_KEY_TYPE) == CKK_SM2, SAR_KEYUSAGEERR);
    giveResult(decryptBlob(sm2PairOf(key), cipher), pbPlainText, pulPlainTextLen);
  });
}

ULONG SKF_ExtECCEncrypt(DEVHANDLE hDev, ECCPUBLICKEYBLOB* pPubKey, BYTE* pbPlainText, ULONG ulPlainTextLen, ECCCIPHERBLOB* pCipherText) {
  return withDevice("SKF_ExtECCEncrypt", hDev, [&](const auto&) {
    require(pCipherText != nullptr, SAR_INVALIDPARAMERR);
    const View plain = input(pbPlainText, ulPlainTextLen);
    require(!plain.empty() && plain.size() <= maxEccPlainBytes, SAR_INDATALENERR);
    writeCipherBlob(sm2Encrypt(sm2PublicOfBlob(pPubKey), plain), pCipherText);
  });
}

ULONG SKF_ExtECCDecrypt(DEVHANDLE hDev, ECCPRIVATEKEYBLOB* pPriKey, ECCCIPHERBLOB* pCipherText, BYTE* pbPlainText, ULONG* pulPlainTextLen) {
  return withDevice("SKF_ExtECCDecrypt", hDev, [&](const auto&) {
    const Sm2Cipher cipher = readCipherBlob(reinterpret_cast<const BYTE*>(pCipherText), std::nullopt);
    giveResult(decryptBlob(sm2PairOfBlob(pPriKey), cipher), pbPlainText, pulPlainTextLen);
  });
}

ULONG SKF_ExtECCSign(DEVHANDLE hDev, ECCPRIVATEKEYBLOB* pPriKey, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature) {
  return withDevice("SKF_ExtECCSign", hDev, [&](const auto&) {
    require(pSignature != nullptr, SAR_INVALIDPARAMERR);
    const View digest = digestOfCall(pbData, ulDataLen);
    const Sm2KeyPair pair = sm2PairOfBlob(pPriKey);
    *pSignature = signatureBlobOf(sm2Sign(pair.d, pair.pub, digest));
  });
}

ULONG SKF_ExtECCVerify(DEVHANDLE hDev, ECCPUBLICKEYBLOB* pPubKey, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature) {
  return withDevice("SKF_ExtECCVerify", hDev, [&](const auto&) { verifyBlob(pPubKey, digestOfCall(pbData, ulDataLen), pSignature); });
}
