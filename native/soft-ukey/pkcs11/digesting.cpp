/** §5.10 Message digesting functions, §5.15 random number generation. */
#include "object-access.h"
#include "results.h"

using namespace bidkey;
using namespace bidkey::p11;

CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism) {
  return withSession("C_DigestInit", hSession, [&](Library&, Session& session) {
    require(pMechanism != nullptr, CKR_ARGUMENTS_BAD);
    require(!session.operations.digest, CKR_OPERATION_ACTIVE);
    requireMechanism(pMechanism->mechanism, CKF_DIGEST);
    require(pMechanism->ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
    session.operations.digest.emplace(digestNameOf(pMechanism->mechanism));
    session.operations.digestIsMultiPart = false;
  });
}

static void finishDigest(Session& session, View last, CK_BYTE_PTR out, CK_ULONG_PTR outLen) {
  auto& digest = session.operations.digest;
  if (!hasRoom(digest->size(), out, outLen)) return;
  digest->update(last);
  const Bytes value = digest->final();
  digest.reset();
  giveResult(value, out, outLen);
}

CK_RV C_Digest(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_Digest", hSession, [&](Library&, Session& session) {
    require(session.operations.digest.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    require(!session.operations.digestIsMultiPart, CKR_OPERATION_ACTIVE);
    finishDigest(session, input(pData, ulDataLen), pOut, pulOutLen);
  });
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
  return withSession("C_DigestUpdate", hSession, [&](Library&, Session& session) {
    require(session.operations.digest.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    session.operations.digestIsMultiPart = true;
    session.operations.digest->update(input(pPart, ulPartLen));
  });
}

CK_RV C_DigestKey(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hKey) {
  return withSession("C_DigestKey", hSession, [&](Library&, Session& session) {
    require(session.operations.digest.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    const Object key = objectOf(session, hKey, CKR_KEY_HANDLE_INVALID);
    // The digest of a sensitive key would let short keys be guessed.
    require(key.number(CKA_CLASS) == CKO_SECRET_KEY && !isHidden(key, CKA_VALUE), CKR_KEY_INDIGESTIBLE);
    session.operations.digestIsMultiPart = true;
    session.operations.digest->update(key.bytes(CKA_VALUE));
  });
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen) {
  return withSession("C_DigestFinal", hSession, [&](Library&, Session& session) {
    require(session.operations.digest.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    finishDigest(session, {}, pOut, pulOutLen);
  });
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR, CK_ULONG) {
  return withSession("C_SeedRandom", hSession, [](Library&, Session&) { throw Rv{CKR_RANDOM_SEED_NOT_SUPPORTED}; });
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pRandom, CK_ULONG ulRandomLen) {
  return withSession("C_GenerateRandom", hSession, [&](Library&, Session&) {
    require(pRandom != nullptr || ulRandomLen == 0, CKR_ARGUMENTS_BAD);
    if (ulRandomLen > 0) fillRandom({pRandom, ulRandomLen});
  });
}
