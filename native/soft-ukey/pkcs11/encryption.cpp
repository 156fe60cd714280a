/** §5.8 Encryption and §5.9 decryption functions. */
#include "key-transport.h"
#include "results.h"

using namespace bidkey;
using namespace bidkey::p11;

namespace {
constexpr auto blockSize = BlockCipher::blockSize;
using Form = CipherRule::Form;

CipherOperation startCipher(Session& session, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE hKey, bool encrypts) {
  require(mechanism != nullptr, CKR_ARGUMENTS_BAD);
  requireMechanism(mechanism->mechanism, encrypts ? CKF_ENCRYPT : CKF_DECRYPT);
  CipherOperation operation{};
  operation.rule = cipherRuleOf(mechanism->mechanism);
  const bool blocks = operation.rule->form == Form::blocks;
  operation.padding = transportPadding(*operation.rule, *mechanism);
  const CK_OBJECT_CLASS objectClass = blocks ? CKO_SECRET_KEY : encrypts ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY;
  operation.key = keyFor(session, hKey, objectClass, operation.rule->keyType, encrypts ? CKA_ENCRYPT : CKA_DECRYPT, mechanism->mechanism);
  if (!blocks) return operation;
  const View key = operation.key.bytes(CKA_VALUE), iv = input(mechanism->pParameter, mechanism->ulParameterLen);
  require(iv.size() == (std::string_view(operation.rule->mode) == "CBC" ? blockSize : 0), CKR_MECHANISM_PARAM_INVALID);
  operation.blocks.emplace(blockCipherName(operation.rule->keyType, key.size(), operation.rule->mode), key, iv,
                           encrypts ? BlockCipher::Direction::encrypt : BlockCipher::Direction::decrypt, operation.rule->isPadded);
  return operation;
}

SecureBytes runWhole(CipherOperation& operation, View data, bool encrypts) {
  if (operation.blocks) {
    SecureBytes out = operation.blocks->update(data);
    append(out, operation.blocks->final());
    return out;
  }
  return encrypts ? secureBytes(transportEncrypt(*operation.rule, operation.key, operation.padding, data)) : transportDecrypt(*operation.rule, operation.key, operation.padding, data);
}

/** An upper bound of the result, for length queries. */
std::size_t wholeSize(const CipherOperation& operation, std::size_t dataSize, bool encrypts) {
  switch (operation.rule->form) {
    case Form::blocks: return encrypts && operation.rule->isPadded ? BlockCipher::paddedBytes(dataSize) : dataSize;
    case Form::sm2Raw: return encrypts ? dataSize + 97 : dataSize;
    case Form::sm2Der: return encrypts ? dataSize + 120 : dataSize;
    default: return operation.key.bytes(CKA_MODULUS).size();
  }
}

void giveReady(std::optional<CipherOperation>& operation, CK_BYTE_PTR out, CK_ULONG_PTR outLen) {
  hasRoom(operation->ready->size(), out, outLen);
  giveResult(*operation->ready, out, outLen);
}

void runSingle(std::optional<CipherOperation>& operation, View data, CK_BYTE_PTR out, CK_ULONG_PTR outLen, bool encrypts) {
  require(operation.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  require(!operation->isMultiPart, CKR_OPERATION_ACTIVE);
  endingOperation(operation, [&] {
    require(outLen != nullptr, CKR_ARGUMENTS_BAD);
    if (out == nullptr && !operation->ready) {
      *outLen = wholeSize(*operation, data.size(), encrypts);
      return false;
    }
    // The result is kept when it does not fit: the caller comes again with a larger buffer.
    if (!operation->ready) operation->ready = runWhole(*operation, data, encrypts);
    if (out == nullptr) return hasRoom(operation->ready->size(), out, outLen);
    giveReady(operation, out, outLen);
    return true;
  });
}

void runUpdate(std::optional<CipherOperation>& operation, View part, CK_BYTE_PTR out, CK_ULONG_PTR outLen, bool encrypts) {
  require(operation.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  operation->isMultiPart = true;
  endingOperation(operation, [&] {
    // RSA and SM2 have no parts.
    require(operation->blocks.has_value(), CKR_FUNCTION_NOT_SUPPORTED);
    const std::size_t size = BlockCipher::readyBytes(operation->held + part.size(), !encrypts && operation->rule->isPadded);
    if (!hasRoom(size, out, outLen)) return false;
    giveResult(operation->blocks->update(part), out, outLen);
    operation->held += part.size() - size;
    return false;
  });
}

void runFinal(std::optional<CipherOperation>& operation, CK_BYTE_PTR out, CK_ULONG_PTR outLen, bool encrypts) {
  require(operation.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  endingOperation(operation, [&] {
    require(operation->blocks.has_value(), CKR_FUNCTION_NOT_SUPPORTED);
    require(outLen != nullptr, CKR_ARGUMENTS_BAD);
    if (out == nullptr && !operation->ready) {
      *outLen = operation->rule->isPadded ? (encrypts ? blockSize : operation->held) : 0;
      return false;
    }
    if (!operation->ready) operation->ready = operation->blocks->final();
    if (out == nullptr && !operation->ready->empty()) return hasRoom(operation->ready->size(), out, outLen);
    if (!operation->ready->empty()) giveReady(operation, out, outLen);
    else *outLen = 0;
    return true;
  });
}
}  // namespace

CK_RV C_EncryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  return withSession("C_EncryptInit", hSession, [&](Library&, Session& session) {
    require(!session.operations.encrypt, CKR_OPERATION_ACTIVE);
    session.operations.encrypt.emplace(startCipher(session, pMechanism, hKey, true));
  });
}

CK_RV C_Encrypt(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_Encrypt", hSession, [&](Library&, Session& session) { runSingle(session.operations.encrypt, input(pData, ulDataLen), pOut, pulOutLen, true); });
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_EncryptUpdate", hSession, [&](Library&, Session& session) { runUpdate(session.operations.encrypt, input(pPart, ulPartLen), pOut, pulOutLen, true); });
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_EncryptFinal", hSession, [&](Library&, Session& session) { runFinal(session.operations.encrypt, pOut, pulOutLen, true); });
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
  return withSession("C_DecryptInit", hSession, [&](Library&, Session& session) {
    require(!session.operations.decrypt, CKR_OPERATION_ACTIVE);
    session.operations.decrypt.emplace(startCipher(session, pMechanism, hKey, false));
  });
}

CK_RV C_Decrypt(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_Decrypt", hSession, [&](Library&, Session& session) { runSingle(session.operations.decrypt, input(pData, ulDataLen), pOut, pulOutLen, false); });
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_DecryptUpdate", hSession, [&](Library&, Session& session) { runUpdate(session.operations.decrypt, input(pPart, ulPartLen), pOut, pulOutLen, false); });
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_DecryptFinal", hSession, [&](Library&, Session& session) { runFinal(session.operations.decrypt, pOut, pulOutLen, false); });
}
