/** §5.11 Signing and §5.13 verifying functions. */
#include "object-access.h"
#include "results.h"

using namespace bidkey;
using namespace bidkey::p11;

namespace {
using Form = SignatureRule::Form;

bool isSm2(Form form) { return form == Form::sm2Raw || form == Form::sm2Der; }

std::size_t signatureSize(const SignatureOperation& operation) {
  switch (operation.rule->form) {
    case Form::sm2Raw: return 64;
    case Form::sm2Der: return 72;
    case Form::hmac: return 32;
    default: return operation.key.bytes(CKA_MODULUS).size();
  }
}

SignatureOperation startSignature(Session& session, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE hKey, bool signs) {
  require(mechanism != nullptr, CKR_ARGUMENTS_BAD);
  requireMechanism(mechanism->mechanism, signs ? CKF_SIGN : CKF_VERIFY);
  SignatureOperation operation{};
  operation.rule = signatureRuleOf(mechanism->mechanism);
  const Form form = operation.rule->form;
  if (form == Form::rsaPss) operation.padding = pssPadding(*mechanism, operation.rule->digest);
  else if (form == Form::rsaPkcs1) operation.padding.digest = operation.rule->digest;
  if (isSm2(form) && operation.rule->digest != nullptr) operation.identity = plainBytes(input(mechanism->pParameter, mechanism->ulParameterLen));
  else require(form == Form::rsaPss || mechanism->ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
  const CK_OBJECT_CLASS objectClass = form == Form::hmac ? CKO_SECRET_KEY : signs ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY;
  operation.key = keyFor(session, hKey, objectClass, operation.rule->keyType, signs ? CKA_SIGN : CKA_VERIFY, mechanism->mechanism);
  if (operation.rule->digest != nullptr && form != Form::hmac) {
    operation.digest.emplace(operation.rule->digest);
    // e = SM3(Z ‖ M) is the only SM2 signature of the standard: Z always stands in front, with the given id or the default one.
    if (isSm2(form)) operation.digest->update(sm2IdentityHash(sm2PublicOfObject(operation.key), operation.identity.empty() ? viewOf(sm2DefaultId) : View(operation.identity)));
  }
  return operation;
}

void feed(SignatureOperation& operation, View data) {
  if (operation.digest) {
    operation.digest->update(data);
    return;
  }
  // Without a digest of ours the input is a digest or a DigestInfo; only HMAC takes more.
  require(operation.rule->form == Form::hmac || operation.gathered.size() + data.size() <= 4096, CKR_DATA_LEN_RANGE);
  append(operation.gathered, data);
}

SecureBytes toBeSigned(SignatureOperation& operation) {
  SecureBytes data = operation.digest ? secureBytes(operation.digest->final()) : std::move(operation.gathered);
  if (isSm2(operation.rule->form)) require(data.size() == 32, CKR_DATA_LEN_RANGE);
  return data;
}

SecureBytes makeSignature(SignatureOperation& operation) {
  const SecureBytes data = toBeSigned(operation);
  switch (operation.rule->form) {
    case Form::hmac: return hmacOf(operation.rule->digest, operation.key.bytes(CKA_VALUE), data);
    case Form::sm2Raw:
    case Form::sm2Der: {
      const Sm2KeyPair pair = sm2PairOf(operation.key);
      const Bytes raw = sm2Sign(pair.d, pair.pub, data);
      return secureBytes(operation.rule->form == Form::sm2Raw ? raw : sm2SignatureDer(raw));
    }
    default: return secureBytes(rsaSign(rsaKey(rsaPairOf(operation.key)), data, operation.padding));
  }
}

bool isSignatureGood(SignatureOperation& operation, View signature) {
  const SecureBytes data = toBeSigned(operation);
  switch (operation.rule->form) {
    case Form::hmac: {
      const SecureBytes right = hmacOf(operation.rule->digest, operation.key.bytes(CKA_VALUE), data);
      return signature.size() == right.size() && CRYPTO_memcmp(signature.data(), right.data(), right.size()) == 0;
    }
    case Form::sm2Raw: return sm2Verify(sm2PublicOfObject(operation.key), data, signature);
    case Form::sm2Der: {
      Bytes raw;
      try {
        raw = sm2SignatureRaw(signature);
      } catch (const Failure&) {
        return false;
      }
      return sm2Verify(sm2PublicOfObject(operation.key), data, raw);
    }
    default: return rsaVerify(rsaKey(rsaPublicOfObject(operation.key)), data, signature, operation.padding);
  }
}

void requireWhole(const std::optional<SignatureOperation>& operation) {
  require(operation.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  require(!operation->isMultiPart, CKR_OPERATION_ACTIVE);
}

void feedPart(std::optional<SignatureOperation>& operation, CK_BYTE_PTR part, CK_ULONG size) {
  require(operation.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  operation->isMultiPart = true;
  endingOperation(operation, [&] { return feed(*operation, input(part, size)), false; });
}

void finishSigning(Session& session, View last, CK_BYTE_PTR out, CK_ULONG_PTR outLen) {
  endingOperation(session.operations.sign, [&] {
    auto& operation = *session.operations.sign;
    if (!hasRoom(signatureSize(operation), out, outLen)) return false;
    feed(operation, last);
    giveResult(makeSignature(operation), out, outLen);
    return true;
  });
}

void finishVerifying(Session& session, View last, View signature) {
  endingOperation(session.operations.verify, [&] {
    auto& operation = *session.operations.verify;
    const std::size_t expected = signatureSize(operation);
    require(operation.rule->form == Form::sm2Der ? signature.size() <= expected : signature.size() == expected, CKR_SIGNATURE_LEN_RANGE);
    feed(operation, last);
    require(isSignatureGood(operation, signature), CKR_SIGNATURE_INVALID);
    return true;
  });
}

}  // namespace

CK_RV C_SignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  return withSession("C_SignInit", hSession, [&](Library&, Session& session) {
    require(!session.operations.sign, CKR_OPERATION_ACTIVE);
    session.operations.sign = startSignature(session, pMechanism, hKey, true);
  });
}

CK_RV C_Sign(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_Sign", hSession, [&](Library&, Session& session) {
    requireWhole(session.operations.sign);
    finishSigning(session, input(pData, ulDataLen), pOut, pulOutLen);
  });
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
  return withSession("C_SignUpdate", hSession, [&](Library&, Session& session) { feedPart(session.operations.sign, pPart, ulPartLen); });
}

CK_RV C_SignFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_SignFinal", hSession, [&](Library&, Session& session) {
    require(session.operations.sign.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    finishSigning(session, {}, pOut, pulOutLen);
  });
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  return withSession("C_VerifyInit", hSession, [&](Library&, Session& session) {
    require(!session.operations.verify, CKR_OPERATION_ACTIVE);
    session.operations.verify = startSignature(session, pMechanism, hKey, false);
  });
}

CK_RV C_Verify(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen) {
  return withSession("C_Verify", hSession, [&](Library&, Session& session) {
    requireWhole(session.operations.verify);
    finishVerifying(session, input(pData, ulDataLen), input(pSignature, ulSignatureLen));
  });
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
  return withSession("C_VerifyUpdate", hSession, [&](Library&, Session& session) { feedPart(session.operations.verify, pPart, ulPartLen); });
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen) {
  return withSession("C_VerifyFinal", hSession, [&](Library&, Session& session) {
    require(session.operations.verify.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    finishVerifying(session, {}, input(pSignature, ulSignatureLen));
  });
}
