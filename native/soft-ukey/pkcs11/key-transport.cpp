/** RSA and SM2 encryption by mechanism. */
#include "key-transport.h"

namespace bidkey::p11 {

using Form = CipherRule::Form;

RsaPadding transportPadding(const CipherRule& rule, const CK_MECHANISM& mechanism) {
  if (rule.form == Form::rsaOaep) return oaepPadding(mechanism);
  require(rule.form == Form::blocks || mechanism.ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
  return {};
}

Bytes transportEncrypt(const CipherRule& rule, const Object& key, const RsaPadding& padding, View plain) {
  switch (rule.form) {
    case Form::sm2Raw: return sm2CipherRaw(sm2Encrypt(sm2PublicOfObject(key), plain));
    case Form::sm2Der: return sm2CipherDer(sm2Encrypt(sm2PublicOfObject(key), plain));
    default: return rsaEncrypt(rsaKey(rsaPublicOfObject(key)), plain, padding);
  }
}

/** The raw mechanism takes both forms: 04‖C1‖C3‖C2, and the DER of SM2Cipher, which starts differently and must parse whole. */
static Sm2Cipher readSm2Cipher(const CipherRule& rule, View cipher) {
  try {
    if (rule.form == Form::sm2Raw && !cipher.empty() && cipher[0] == 4) return sm2CipherFromRaw(cipher);
    return sm2CipherFromDer(cipher);
  } catch (const Failure&) {
    throw Rv{CKR_ENCRYPTED_DATA_INVALID};
  }
}

SecureBytes transportDecrypt(const CipherRule& rule, const Object& key, const RsaPadding& padding, View cipher) {
  if (rule.keyType == CKK_RSA) return rsaDecrypt(rsaKey(rsaPairOf(key)), cipher, padding);
  const Sm2Cipher parsed = readSm2Cipher(rule, cipher);
  const Sm2KeyPair pair = sm2PairOf(key);
  return sm2Decrypt(pair.d, pair.pub, parsed);
}

}  // namespace bidkey::p11
