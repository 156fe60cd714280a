/** Right inputs of every fuzz target: what mutations start from. Made anew in every run, so that no corpus of keys lies in the repository. */
#include <string_view>

#include "core/der.h"
#include "fuzz-world.h"

using namespace bidkey;

namespace fuzz {

namespace {

/** A certificate of the least that X.509 allows, with an SM2 key and a signature that verifies nothing. */
Bytes certificateDer(const Sm2KeyPair& pair) {
  const Bytes algorithm = plainBytes(der::element(der::sequence, bytesOfHex("06082a811ccf55018375"))), name = bytesOfHex("300f310d300b06035504030c0466757a7a");
  const Bytes validity = bytesOfHex("301e170d3236303130313030303030305a170d3237303130313030303030305a"), key = bytesOfHex("301306072a8648ce3d020106082a811ccf5501822d");
  Bytes point{0}, signature{0};
  append(point, sm2Point(pair.pub));
  append(signature, sm2SignatureDer(sm2Sign(pair.d, pair.pub, randomBytes(32))));
  const auto keyInfo = der::element(der::sequence, der::concatenated({key, der::element(der::bitString, point)}));
  const auto content = der::element(der::sequence, der::concatenated({bytesOfHex("a003020102"), bytesOfHex("020101"), algorithm, name, validity, name, keyInfo}));
  return plainBytes(der::element(der::sequence, der::concatenated({content, algorithm, der::element(der::bitString, signature)})));
}

Bytes led(std::initializer_list<std::uint8_t> head, View data) {
  Bytes out(head);
  append(out, data);
  return out;
}

std::vector<Bytes> structureSeeds() {
  const Sm2KeyPair pair = sm2Generate();
  const Sm2Cipher cipher = sm2Encrypt(pair.pub, randomBytes(16));
  return {makeEnvelopeDer(pair.pub, sm2Generate()), sm2CipherDer(cipher), sm2CipherRaw(cipher), sm2SignatureDer(sm2Sign(pair.d, pair.pub, randomBytes(32))), sm2Point(pair.pub), plainBytes(pkcs8Of({1, privateAttributes(pair)})),
          certificateDer(pair), plainBytes(viewOf("C_Sign 2 return 0x30")), plainBytes(viewOf("write 4 power-loss"))};
}

std::vector<Bytes> templateSeeds() {
  // C_CreateObject: class secret key, key type AES, value.
  Bytes create{0, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 5, 8, 0x1f, 0, 0, 0, 0, 0, 0, 0, 4, 16};
  create.resize(create.size() + 16, 7);
  std::vector<Bytes> out{create};
  for (std::uint8_t call = 1; call < 7; call++) out.push_back({call, 14, 8, 32, 0, 0, 0, 0, 0, 0, 0, 7, 1, 1, 8, 1, 0});
  return out;
}

/** Every operation with every mechanism of the list once, with a key that fits and a parameter of 16 bytes. */
std::vector<Bytes> mechanismSeeds() {
  std::vector<Bytes> out;
  for (std::uint8_t call = 0; call < 8; call++)
    for (std::uint8_t mechanism = 0; mechanism < 23; mechanism++) {
      Bytes seed{call, mechanism, 0, 16};
      seed.resize(seed.size() + 16, 9);
      append(seed, Bytes{1, 1, 2, 4, 0, 0});
      seed.resize(seed.size() + 32, 5);
      out.push_back(seed);
    }
  return out;
}

std::vector<Bytes> unwrapSeeds() {
  std::vector<Bytes> out{{1}, led({0}, makeEnvelopeDer(sm2Generate().pub, sm2Generate()))};
  for (const std::uint8_t at : {2, 12, 40, 150, 170, 220, 250}) out.push_back({1, 0, at, 0, 1});
  return out;
}

std::vector<Bytes> skfBlobSeeds() {
  const Sm2KeyPair pair = sm2Generate();
  std::vector<Bytes> out{led({0x83}, certificateDer(pair)), led({3}, certificateDer(pair)), led({0x80}, faces().envelopeBlob), led({0x81}, faces().sessionKeyBlob), led({0x82}, faces().sessionKeyBlob)};
  Bytes pub(sizeof(ECCPUBLICKEYBLOB));
  pub[1] = 1;
  std::copy(pair.pub.x.begin(), pair.pub.x.end(), pub.begin() + 36);
  std::copy(pair.pub.y.begin(), pair.pub.y.end(), pub.begin() + 100);
  Bytes rsa(sizeof(RSAPUBLICKEYBLOB), 0xff), secret(sizeof(ECCPRIVATEKEYBLOB));
  std::memcpy(rsa.data(), "\0\0\1\0\0\10\0\0", 8);
  secret[1] = 1;
  std::copy(pair.d.begin(), pair.d.end(), secret.begin() + 36);
  append(pub, Bytes(sizeof(ECCSIGNATUREBLOB)));
  append(rsa, Bytes(256));
  for (const auto& seed : {led({4}, pub), led({5}, rsa), led({6}, secret), led({7}, pub)}) out.push_back(seed);
  for (const std::uint8_t call : {0, 1, 2}) out.insert(out.end(), {Bytes{call}, Bytes{call, 0, 8, 0, 1}, Bytes{call, 0, 164, 0, 1}, Bytes{call, 4, 120, 0, 0}});
  return out;
}

std::vector<Bytes> skfCallSeeds() {
  std::vector<Bytes> out;
  for (std::uint8_t algorithm = 0; algorithm < 6; algorithm++) out.insert(out.end(), {Bytes{0, algorithm, 0, 0, 64, 15, 1, 2, 3}, Bytes{0, static_cast<std::uint8_t>(algorithm | 0x80), 1, 0, 64, 15, 1, 2, 3}});
  out.push_back({1, 4, 'f', 'i', 'l', 'e', 0, 64, 5, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  for (std::uint8_t call = 0; call < 5; call++) out.push_back({2, static_cast<std::uint8_t>(call + 240), 'f', 'u', 'z', 'z'});
  return out;
}

}  // namespace

std::vector<Bytes> seedsOf(const Target& target) {
  faces();
  const std::string_view name = target.name;
  if (name == "templates") return templateSeeds();
  if (name == "mechanisms") return mechanismSeeds();
  if (name == "unwrap") return unwrapSeeds();
  if (name == "structures") return structureSeeds();
  if (name == "skf-blobs") return skfBlobSeeds();
  if (name == "skf-calls") return skfCallSeeds();
  const Bytes file = writeTokenState(*tokenOf(fixture::serial)->read());
  return {plainBytes(View(file).first(file.size() - 32))};
}

}  // namespace fuzz
