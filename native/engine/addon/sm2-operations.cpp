#include "../core/sm2.hpp"

#include "operations.hpp"

namespace bidkey::engine {

namespace {

// SM2 encrypts keys and short texts; a limit keeps a call from copying without end.
constexpr std::size_t maxTextBytes = 1 << 20;
constexpr std::size_t maxExtraBytes = 256;

}  // namespace

// sm2PublicKey(privateKey) → 04 ‖ X ‖ Y
void prepareSm2PublicKey(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm2ScalarLength));
  const PinnedBytes& out = work.output(sm2PointLength);
  work.execute = [key, &out] { return sm2PublicKey(*key, out.data()); };
}

// sm2Sign(privateKey, digest, extra) → r ‖ s
void prepareSm2Sign(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm2ScalarLength)), digest = keep(call.secret(1, 32)), extra = keep(call.secret(2, 0, maxExtraBytes));
  const PinnedBytes& out = work.output(sm2SignatureLength);
  work.execute = [key, digest, extra, &out] { return sm2Sign(*key, *digest, *extra, out.data()); };
}

// sm2TestOnlySignWithNonce(privateKey, digest, nonce) → r ‖ s
void prepareSm2TestOnlySignWithNonce(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm2ScalarLength)), digest = keep(call.secret(1, 32)), nonce = keep(call.secret(2, 32));
  const PinnedBytes& out = work.output(sm2SignatureLength);
  work.execute = [key, digest, nonce, &out] { return sm2TestOnlySignWithNonce(*key, *digest, *nonce, out.data()); };
}

// sm2Verify(publicKey, digest, signature) → boolean
void prepareSm2Verify(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, 0, maxExtraBytes)), digest = keep(call.secret(1, 32)), signature = keep(call.secret(2, 0, maxExtraBytes));
  auto valid = std::make_shared<bool>(false);
  work.execute = [key, digest, signature, valid] { return sm2Verify(*key, *digest, *signature, *valid); };
  work.answer = [valid](napi_env env) {
    napi_value value;
    check(napi_get_boolean(env, *valid, &value));
    return value;
  };
}

// sm2Encrypt(publicKey, text, nonce) → 04 ‖ C1 ‖ C3 ‖ C2
void prepareSm2Encrypt(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, 0, maxExtraBytes)), text = keep(call.secret(1, 1, maxTextBytes)), nonce = keep(call.secret(2, 32));
  const PinnedBytes& out = work.output(Bytes(*text).size() + sm2CiphertextOverhead);
  work.execute = [key, text, nonce, &out] { return sm2Encrypt(*key, *text, *nonce, out.data()); };
}

// sm2Decrypt(privateKey, 04 ‖ C1 ‖ C3 ‖ C2) → text
void prepareSm2Decrypt(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm2ScalarLength));
  auto raw = keep(call.secret(1, 0, maxTextBytes + sm2CiphertextOverhead));
  if (Bytes(*raw).size() <= sm2CiphertextOverhead) throw refusalOf(Status::decryptFailed);
  const PinnedBytes& out = work.output(Bytes(*raw).size() - sm2CiphertextOverhead);
  work.execute = [key, raw, &out] { return sm2Decrypt(*key, *raw, out.data()); };
}

}  // namespace bidkey::engine
