#include "../core/aes-gcm.hpp"
#include "../core/sha256.hpp"
#include "operations.hpp"

namespace bidkey::engine {

namespace {

constexpr std::size_t maxLanes = 16;

void refuseWithoutInstructions() {
  if (!hasWideAes()) refuseArgument("this processor has no wide AES instructions");
}

}  // namespace

// sha256Many(messages[]): one to sixteen of equal length → 32 bytes for each
void prepareSha256Many(const Arguments& call, Work& work) {
  refuseWithoutInstructions();
  std::vector<Bytes> messages = pinMessages(call, work, maxLanes);
  if (messages.empty()) refuseArgument("a message is wanted");
  for (const Bytes message : messages) {
    if (message.size() != messages[0].size()) refuseArgument("messages of equal length are wanted");
  }
  const PinnedBytes& out = work.output(sha256DigestLength * messages.size());
  work.execute = [messages = std::move(messages), &out] {
    sha256Many(messages, out.data());
    return Status::ok;
  };
}

// aes256GcmEncrypt(key, nonce, aad, data, out?) → ciphertext ‖ tag
void prepareAes256GcmEncrypt(const Arguments& call, Work& work) {
  refuseWithoutInstructions();
  auto key = keep(call.secret(0, aes256KeyLength)), nonce = keep(call.secret(1, gcmNonceLength));
  const PinnedBytes& aad = work.pin(call.at(2));
  const PinnedBytes& in = work.pin(call.at(3));
  if (in.length() > maxGcmBytes) refuseArgument("too long for one nonce");
  const PinnedBytes& out = work.output(in.length() + gcmTagLength, call.optional(4), &in);
  work.execute = [key, nonce, &aad, &in, &out] {
    aes256GcmEncrypt(*key, *nonce, aad.bytes(), in.bytes(), out.data());
    return Status::ok;
  };
}

// aes256GcmDecrypt(key, nonce, aad, ciphertext ‖ tag, out?)
void prepareAes256GcmDecrypt(const Arguments& call, Work& work) {
  refuseWithoutInstructions();
  auto key = keep(call.secret(0, aes256KeyLength)), nonce = keep(call.secret(1, gcmNonceLength));
  const PinnedBytes& aad = work.pin(call.at(2));
  const PinnedBytes& in = work.pin(call.at(3));
  if (in.length() < gcmTagLength || in.length() - gcmTagLength > maxGcmBytes) throw refusalOf(Status::decryptFailed);
  const PinnedBytes& out = work.output(in.length() - gcmTagLength, call.optional(4), &in);
  work.execute = [key, nonce, &aad, &in, &out] { return aes256GcmDecrypt(*key, *nonce, aad.bytes(), in.bytes(), out.data()); };
}

}  // namespace bidkey::engine
