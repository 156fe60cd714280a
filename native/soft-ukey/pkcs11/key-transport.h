/** Public-key encryption of short data, for C_Encrypt / C_Decrypt and for wrapping alike. */
#pragma once
#include "object-access.h"

namespace bidkey::p11 {

RsaPadding transportPadding(const CipherRule& rule, const CK_MECHANISM& mechanism);
Bytes transportEncrypt(const CipherRule& rule, const Object& publicKey, const RsaPadding& padding, View plain);
SecureBytes transportDecrypt(const CipherRule& rule, const Object& privateKey, const RsaPadding& padding, View cipher);

}  // namespace bidkey::p11
