/** GM/T 0016 §7.6 RSA: the structures hold up to 2048 bits, so that is what a container takes. */
#include <algorithm>

#include "container-keys.h"
#include "../core/der.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
/** RSAPrivateKey comes in whole SM4 blocks; how they are filled up differs (PKCS#5 or zeros), so the DER says where it ends. */
SecureBytes withoutFill(SecureBytes plain) {
  require(plain.size() > 4 && plain[0] == der::sequence && plain[1] == 0x82, SAR_INDATAERR);
  const std::size_t size = 4 + (static_cast<std::size_t>(plain[2]) << 8 | plain[3]);
  require(size <= plain.size() && plain.size() - size <= 16, SAR_INDATAERR);
  const auto fill = static_cast<std::uint8_t>(plain.size() - size);
  require(std::all_of(plain.begin() + static_cast<std::ptrdiff_t>(size), plain.end(), [&](auto byte) { return byte == 0 || byte == fill; }), SAR_INDATAERR);
  plain.resize(size);
  return plain;
}
}  // namespace

ULONG SKF_GenExtRSAKey(DEVHANDLE hDev, ULONG, RSAPRIVATEKEYBLOB*) {
  // A private key handed out in the clear: the 2012 text has the call, this key refuses it.
  return withDevice("SKF_GenExtRSAKey", hDev, [](const auto&) { throw Sar{SAR_NOTSUPPORTYETERR}; });
}

ULONG SKF_GenRSAKeyPair(HCONTAINER hContainer, ULONG ulBitsLen, RSAPUBLICKEYBLOB* pBlob) {
  return withContainer("SKF_GenRSAKeyPair", hContainer, [&](ContainerRef& handle) {
    require(pBlob != nullptr, SAR_INVALIDPARAMERR);
    require(ulBitsLen == 2048, SAR_MODULUSLENERR);
    viewOfApp(*handle.app);
    requireUser(*handle.app);
    const RsaKeyPair pair = rsaGenerate(ulBitsLen, {});
    changeApp(*handle.app, [&](TokenState& state, Application& app) {
      putKeyPair(state, app, handle.app->login, handle.container, KeyRole::sign, publicAttributes(pair.pub), privateAttributes(pair), true);
    });
    *pBlob = rsaBlobOf(pair.pub);
  });
}

ULONG SKF_ImportRSAKeyPair(HCONTAINER hContainer, ULONG ulSymAlgId, BYTE* pbWrappedKey, ULONG ulWrappedKeyLen, BYTE* pbEncryptedData, ULONG ulEncryptedDataLen) {
  return withContainer("SKF_ImportRSAKeyPair", hContainer, [&](ContainerRef& handle) {
    const View wrapped = input(pbWrappedKey, ulWrappedKeyLen), encrypted = input(pbEncryptedData, ulEncryptedDataLen);
    require(ulSymAlgId == SGD_SM4_ECB, SAR_NOTSUPPORTYETERR);
    require(!encrypted.empty() && encrypted.size() % 16 == 0 && encrypted.size() <= 4096, SAR_INDATALENERR);
    const Object opener = privateKeyOf(handle, KeyRole::sign);
    require(opener.number(CKA_KEY_TYPE) == CKK_RSA, SAR_KEYUSAGEERR);
    const auto open = [&] {
      try {
        const SecureBytes sessionKey = rsaDecrypt(rsaKey(rsaPairOf(opener)), wrapped, {});
        return rsaFromPkcs1(withoutFill(decryptBlocks("SM4-ECB", sessionKey, {}, encrypted, false)));
      } catch (const Failure&) {
        throw Sar{SAR_INDATAERR};
      }
    };
    const RsaKeyPair pair = open();
    require(withoutLeadingZeros(pair.pub.n).size() == 256, SAR_MODULUSLENERR);
    changeApp(*handle.app, [&](TokenState& state, Application& app) {
      putKeyPair(state, app, handle.app->login, handle.container, KeyRole::encrypt, publicAttributes(pair.pub), privateAttributes(pair), false);
    });
  });
}

ULONG SKF_RSASignData(HCONTAINER hContainer, BYTE* pbData, ULONG ulDataLen, BYTE* pbSignature, ULONG* pulSignLen) {
  return withContainer("SKF_RSASignData", hContainer, [&](ContainerRef& handle) {
    const View data = input(pbData, ulDataLen);
    const Object key = privateKeyOf(handle, KeyRole::sign);
    require(key.number(CKA_KEY_TYPE) == CKK_RSA, SAR_KEYUSAGEERR);
    require(!data.empty() && data.size() <= key.bytes(CKA_MODULUS).size() - 11, SAR_INDATALENERR);
    giveResult(rsaSign(rsaKey(rsaPairOf(key)), data, {}), pbSignature, pulSignLen);
  });
}

ULONG SKF_RSAVerify(DEVHANDLE hDev, RSAPUBLICKEYBLOB* pBlob, BYTE* pbData, ULONG ulDataLen, BYTE* pbSignature, ULONG ulSignLen) {
  return withDevice("SKF_RSAVerify", hDev, [&](const auto&) {
    const View data = input(pbData, ulDataLen), signature = input(pbSignature, ulSignLen);
    require(rsaVerify(rsaKey(rsaPublicOfBlob(pBlob)), data, signature, {}), SAR_HASHNOTEQUALERR);
  });
}

ULONG SKF_ExtRSAPubKeyOperation(DEVHANDLE hDev, RSAPUBLICKEYBLOB* pPubKey, BYTE* pbInput, ULONG ulInputLen, BYTE* pbOutput, ULONG* pulOutputLen) {
  return withDevice("SKF_ExtRSAPubKeyOperation", hDev, [&](const auto&) { giveResult(rsaPublicRaw(rsaKey(rsaPublicOfBlob(pPubKey)), input(pbInput, ulInputLen)), pbOutput, pulOutputLen); });
}
