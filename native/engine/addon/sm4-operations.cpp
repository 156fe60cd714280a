#include "../core/sm4.hpp"

#include "operations.hpp"

namespace bidkey::engine {

// sm4Ctr(key, counter, data, out?)
void prepareSm4Ctr(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm4KeyLength)), counter = keep(call.secret(1, sm4BlockLength));
  const PinnedBytes& in = work.pin(call.at(2));
  const PinnedBytes& out = work.output(in.length(), call.optional(3), &in);
  work.execute = [key, counter, &in, &out] {
    sm4Ctr(*key, *counter, in.bytes(), out.data());
    return Status::ok;
  };
}

// sm4CbcEncrypt(key, iv, data, out?)
void prepareSm4CbcEncrypt(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm4KeyLength)), iv = keep(call.secret(1, sm4BlockLength));
  const PinnedBytes& in = work.pin(call.at(2));
  const PinnedBytes& out = work.output((in.length() / sm4BlockLength + 1) * sm4BlockLength, call.optional(3), &in);
  work.execute = [key, iv, &in, &out] {
    sm4CbcEncrypt(*key, *iv, in.bytes(), out.data());
    return Status::ok;
  };
}

// sm4CbcDecrypt(key, iv, data): the result is shorter than the data by the padding
void prepareSm4CbcDecrypt(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm4KeyLength)), iv = keep(call.secret(1, sm4BlockLength));
  const PinnedBytes& in = work.pin(call.at(2));
  const PinnedBytes& out = work.output(in.length());
  auto plainLength = std::make_shared<std::size_t>(0);
  work.execute = [key, iv, &in, &out, plainLength] { return sm4CbcDecrypt(*key, *iv, in.bytes(), out.data(), *plainLength); };
  work.answer = [&out, plainLength](napi_env env) {
    napi_value arrayBuffer, view;
    std::size_t offset = 0;
    check(napi_get_typedarray_info(env, out.value(), nullptr, nullptr, nullptr, &arrayBuffer, &offset));
    check(napi_create_typedarray(env, napi_uint8_array, *plainLength, arrayBuffer, offset, &view));
    return view;
  };
}

// sm4GcmEncrypt(key, nonce, aad, data, out?) → ciphertext ‖ tag
void prepareSm4GcmEncrypt(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm4KeyLength)), nonce = keep(call.secret(1, gcmNonceLength));
  const PinnedBytes& aad = work.pin(call.at(2));
  const PinnedBytes& in = work.pin(call.at(3));
  if (in.length() > maxGcmBytes) refuseArgument("too long for one nonce");
  const PinnedBytes& out = work.output(in.length() + gcmTagLength, call.optional(4), &in);
  work.execute = [key, nonce, &aad, &in, &out] {
    sm4GcmEncrypt(*key, *nonce, aad.bytes(), in.bytes(), out.data());
    return Status::ok;
  };
}

// sm4GcmDecrypt(key, nonce, aad, ciphertext ‖ tag, out?)
void prepareSm4GcmDecrypt(const Arguments& call, Work& work) {
  auto key = keep(call.secret(0, sm4KeyLength)), nonce = keep(call.secret(1, gcmNonceLength));
  const PinnedBytes& aad = work.pin(call.at(2));
  const PinnedBytes& in = work.pin(call.at(3));
  if (in.length() < gcmTagLength || in.length() - gcmTagLength > maxGcmBytes) throw refusalOf(Status::decryptFailed);
  const PinnedBytes& out = work.output(in.length() - gcmTagLength, call.optional(4), &in);
  work.execute = [key, nonce, &aad, &in, &out] { return sm4GcmDecrypt(*key, *nonce, aad.bytes(), in.bytes(), out.data()); };
}

}  // namespace bidkey::engine
