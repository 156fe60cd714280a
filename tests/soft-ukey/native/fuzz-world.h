/**
 * What the fuzz targets share: both faces opened on one test key, right structures made for that key, and edits of them by script.
 * A target takes bytes and returns; what is wrong shows as a sanitizer report, or as a `must` that does not hold.
 */
#pragma once
#include <algorithm>
#include <span>

#include "core/key-objects.h"
#include "fixture.h"
#include "include/pkcs11.h"
#include "include/skf.h"

namespace fuzz {

struct Faces {
  CK_SESSION_HANDLE session = 0;
  CK_OBJECT_HANDLE sm2Key = 0, sm2PublicKey = 0, rsaKey = 0, rsaPublicKey = 0, aesKey = 0, sm4Key = 0, secretKey = 0;
  DEVHANDLE device = nullptr;
  HAPPLICATION application = nullptr;
  HCONTAINER container = nullptr;
  /** SM2EnvelopedKey and the same for SKF, which open with the signing keys above; a session key that opens with what the latter brings. */
  bidkey::Bytes envelopeDer, envelopeBlob, sessionKeyBlob;
};

/** Opened at the first call, in a folder of its own, which is removed when the process ends in order. */
const Faces& faces();
void must(bool holds, const char* what);
/** A right structure changed by a script of four-byte steps: deed, place (2), value. An empty script leaves it right. */
bidkey::Bytes edited(bidkey::Bytes base, bidkey::View script);
/** The first bytes of the input as a number, and the input after them; zeros when it has ended. */
std::uint64_t takeNumber(bidkey::View& input, std::size_t bytes);
bidkey::View take(bidkey::View& input, std::size_t bytes);

/** SM2EnvelopedKey DER with a fresh key pair inside, for that signing key. */
bidkey::Bytes makeEnvelopeDer(const bidkey::Sm2Public& recipient, const bidkey::Sm2KeyPair& inner);

struct Target {
  const char* name;
  void (*run)(bidkey::View);
};
std::span<const Target> targets();
/** Right inputs of a target: what mutations start from. */
std::vector<bidkey::Bytes> seedsOf(const Target& target);

void fuzzTemplates(bidkey::View input);
void fuzzMechanisms(bidkey::View input);
void fuzzUnwrap(bidkey::View input);
void fuzzStructures(bidkey::View input);
void fuzzKeyFile(bidkey::View input);
void fuzzSkfBlobs(bidkey::View input);
void fuzzSkfCalls(bidkey::View input);

}  // namespace fuzz
