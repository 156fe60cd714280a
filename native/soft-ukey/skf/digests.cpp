/** GM/T 0016 §7.6 Digests; SM3 with a public key and an id puts Z in front (GM/T 0003.2 §5.5). Key agreement is not offered. */
#include "blobs.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
const char* digestName(ULONG algorithm) {
  switch (algorithm) {
    case SGD_SM3: return "SM3";
    case SGD_SHA1: return "SHA1";
    case SGD_SHA256: return "SHA256";
    default: throw Sar{SAR_NOTSUPPORTYETERR};
  }
}

void finish(HashRun& hash, View last, BYTE* out, ULONG* outLen) {
  require(outLen != nullptr, SAR_INVALIDPARAMERR);
  const ULONG room = *outLen;
  *outLen = static_cast<ULONG>(hash.digest.size());
  if (out == nullptr) return;
  require(room >= hash.digest.size(), SAR_BUFFER_TOO_SMALL);
  hash.isFinished = true;
  hash.digest.update(last);
  giveResult(hash.digest.final(), out, outLen);
}
}  // namespace

ULONG SKF_DigestInit(DEVHANDLE hDev, ULONG ulAlgID, ECCPUBLICKEYBLOB* pPubKey, BYTE* pucID, ULONG ulIDLen, HANDLE* phHash) {
  return withDevice("SKF_DigestInit", hDev, [&](const auto& device) {
    require(phHash != nullptr, SAR_INVALIDPARAMERR);
    Digest digest(digestName(ulAlgID));
    if (ulIDLen > 0) {
      require(ulAlgID == SGD_SM3 && ulIDLen <= 8191, SAR_INVALIDPARAMERR);
      digest.update(sm2IdentityHash(sm2PublicOfBlob(pPubKey), input(pucID, ulIDLen)));
    }
    *phHash = Handles::get().add(std::make_shared<HashRun>(HashRun{device, std::move(digest), false}));
  });
}

ULONG SKF_Digest(HANDLE hHash, BYTE* pbData, ULONG ulDataLen, BYTE* pbHashData, ULONG* pulHashLen) {
  return withHash("SKF_Digest", hHash, [&](HashRun& hash) { finish(hash, input(pbData, ulDataLen), pbHashData, pulHashLen); });
}

ULONG SKF_DigestUpdate(HANDLE hHash, BYTE* pbData, ULONG ulDataLen) {
  return withHash("SKF_DigestUpdate", hHash, [&](HashRun& hash) { hash.digest.update(input(pbData, ulDataLen)); });
}

ULONG SKF_DigestFinal(HANDLE hHash, BYTE* pbHashData, ULONG* pulHashLen) {
  return withHash("SKF_DigestFinal", hHash, [&](HashRun& hash) { finish(hash, {}, pbHashData, pulHashLen); });
}

ULONG SKF_GenerateAgreementDataWithECC(HCONTAINER hContainer, ULONG, ECCPUBLICKEYBLOB*, BYTE*, ULONG, HANDLE*) {
  return withContainer("SKF_GenerateAgreementDataWithECC", hContainer, [](ContainerRef&) { throw Sar{SAR_NOTSUPPORTYETERR}; });
}

ULONG SKF_GenerateAgreementDataAndKeyWithECC(HANDLE hContainer, ULONG, ECCPUBLICKEYBLOB*, ECCPUBLICKEYBLOB*, ECCPUBLICKEYBLOB*, BYTE*, ULONG, BYTE*, ULONG, HANDLE*) {
  return withContainer("SKF_GenerateAgreementDataAndKeyWithECC", hContainer, [](ContainerRef&) { throw Sar{SAR_NOTSUPPORTYETERR}; });
}

ULONG SKF_GenerateKeyWithECC(HANDLE hAgreement, ECCPUBLICKEYBLOB*, ECCPUBLICKEYBLOB*, BYTE*, ULONG, HANDLE*) {
  // There are no agreement handles: whatever comes is none.
  return withContainer("SKF_GenerateKeyWithECC", hAgreement, [](ContainerRef&) { throw Sar{SAR_INVALIDHANDLEERR}; });
}
