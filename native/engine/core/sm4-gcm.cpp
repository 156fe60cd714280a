// SM4-GCM (RFC 8998).
#include "gcm.hpp"
#include "sm4.hpp"

namespace bidkey::engine {

namespace {

struct Sm4Cipher {
  const Sm4Key key;
  explicit Sm4Cipher(Bytes key16) : key(key16) {}
  void encryptBlock(const std::uint8_t in[16], std::uint8_t out[16]) const { sm4Ecb(key, in, out, 1); }
  void ctr(const std::uint8_t counter[16], Bytes in, std::uint8_t* out) const { sm4CtrWithKey(key, counter, in, out); }
};

}  // namespace

void sm4GcmEncrypt(Bytes key16, Bytes nonce12, Bytes aad, Bytes in, std::uint8_t* out) { Gcm<Sm4Cipher>(key16, nonce12).seal(aad, in, out); }

Status sm4GcmDecrypt(Bytes key16, Bytes nonce12, Bytes aad, Bytes sealed, std::uint8_t* out) {
  return Gcm<Sm4Cipher>(key16, nonce12).open(aad, sealed, out);
}

}  // namespace bidkey::engine
