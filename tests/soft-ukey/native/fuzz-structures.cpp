/** Fuzz targets of the core: SM2 structures, PKCS#8, certificates, fault rules; the key file, with a right checksum over whatever it holds. */
#include "core/der.h"
#include "core/faults.h"
#include "fuzz-world.h"

using namespace bidkey;

namespace fuzz {

namespace {
template <class Parse>
void parse(const Parse& run) {
  try {
    run();
  } catch (const Failure&) {
    return;  // a refusal is what hostile bytes deserve
  }
}
}  // namespace

void fuzzStructures(View input) {
  const fixture::Exact exact(input);
  const View data(exact.data(), exact.size());
  parse([&] { sm2EnvelopeFromDer(data); });
  parse([&] {
    // What is read strictly must be written the same.
    const Sm2Cipher cipher = sm2CipherFromDer(data);
    must(sameBytes(sm2CipherDer(cipher), data), "an SM2Cipher that was not canonical");
  });
  parse([&] { must(sameBytes(sm2SignatureDer(sm2SignatureRaw(data)), data), "a signature that was not canonical"); });
  parse([&] { sm2CipherFromRaw(data); });
  parse([&] { sm2PublicFromPoint(data); });
  parse([&] { attributesFromPkcs8(data); });
  parse([&] { certificateAttributes(data); });
  if (const auto rule = parseFaultRule(textOf(data))) must(parseFaultRule(faultRuleText(*rule)).has_value(), "a fault rule that is not read again");
}

void fuzzKeyFile(View input) {
  parse([&] { readTokenState(input); });
  // The checksum keeps mutations out: the body is tried with a right one too.
  Bytes sealed = plainBytes(input);
  append(sealed, digestOf("SHA256", input));
  const fixture::Exact exact(sealed);
  parse([&] {
    const TokenState state = readTokenState(View(exact.data(), exact.size()));
    state.freeBytes();
    const Bytes written = writeTokenState(state);
    must(sameBytes(writeTokenState(readTokenState(written)), written), "a key file that is read differently when it is written again");
  });
}

}  // namespace fuzz
