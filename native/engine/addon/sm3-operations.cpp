#include "../core/sm3.hpp"

#include "operations.hpp"

namespace bidkey::engine {

namespace {

constexpr std::uint32_t maxMessages = 1u << 20;
constexpr napi_type_tag streamTag = {0x6f3a1c52d7e84b09, 0x9c41be7705f2a3d8};

// An incremental digest. Busy while a pool thread works on it.
struct Stream {
  Sm3 hash;
  bool busy = false;
  bool finished = false;
};

// The stream behind a handle, taken for one operation.
Stream& takeStream(const Arguments& call, Work& work) {
  bool tagged = false;
  napi_valuetype type;
  check(napi_typeof(call.env(), call.at(0), &type));
  if (type == napi_object) check(napi_check_object_type_tag(call.env(), call.at(0), &streamTag, &tagged));
  if (!tagged) refuseArgument("a stream of createSm3() is wanted");
  void* data = nullptr;
  check(napi_unwrap(call.env(), call.at(0), &data));
  auto& stream = *static_cast<Stream*>(data);
  if (stream.busy) throw Refusal{"ENGINE_BUSY", "the stream is still working on an earlier call"};
  if (stream.finished) refuseArgument("the stream is finished");
  // The handle must outlive the work.
  napi_ref handle;
  check(napi_create_reference(call.env(), call.at(0), 1, &handle));
  stream.busy = true;
  work.release = [env = call.env(), handle, &stream] {
    stream.busy = false;
    napi_delete_reference(env, handle);
  };
  return stream;
}

}  // namespace

// sm3(data, out?)
void prepareSm3(const Arguments& call, Work& work) {
  const PinnedBytes& data = work.pin(call.at(0));
  const PinnedBytes& out = work.output(sm3DigestLength, call.optional(1), &data);
  work.execute = [&data, &out] {
    const Sm3Digest digest = sm3({data.bytes()});
    std::memcpy(out.data(), digest.data(), digest.size());
    return Status::ok;
  };
}

std::vector<Bytes> pinMessages(const Arguments& call, Work& work, std::uint32_t most) {
  bool isArray = false;
  check(napi_is_array(call.env(), call.at(0), &isArray));
  if (!isArray) refuseArgument("an array of Uint8Array is wanted");
  std::uint32_t count = 0;
  check(napi_get_array_length(call.env(), call.at(0), &count));
  if (count > most) refuseArgument("too many messages in one call");
  std::vector<Bytes> messages;
  messages.reserve(count);
  for (std::uint32_t i = 0; i < count; i++) {
    napi_value message;
    check(napi_get_element(call.env(), call.at(0), i, &message));
    messages.push_back(work.pin(message).bytes());
  }
  return messages;
}

// sm3Many(messages[]) → 32 bytes for each
void prepareSm3Many(const Arguments& call, Work& work) {
  std::vector<Bytes> messages = pinMessages(call, work, maxMessages);
  const PinnedBytes& out = work.output(sm3DigestLength * messages.size());
  work.execute = [messages = std::move(messages), &out] {
    sm3Many(messages, out.data());
    return Status::ok;
  };
}

napi_value createSm3(napi_env env) {
  napi_value handle;
  check(napi_create_object(env, &handle));
  auto stream = std::make_unique<Stream>();
  check(napi_wrap(env, handle, stream.get(), [](napi_env, void* data, void*) { delete static_cast<Stream*>(data); }, nullptr, nullptr));
  static_cast<void>(stream.release());
  check(napi_type_tag_object(env, handle, &streamTag));
  return handle;
}

// sm3Update(stream, data)
void prepareSm3Update(const Arguments& call, Work& work) {
  const PinnedBytes& data = work.pin(call.at(1));
  Stream& stream = takeStream(call, work);
  work.execute = [&data, &stream] {
    stream.hash.update(data.bytes());
    return Status::ok;
  };
  work.answer = [](napi_env env) {
    napi_value undefined;
    check(napi_get_undefined(env, &undefined));
    return undefined;
  };
}

// sm3Digest(stream): the stream is finished afterwards
void prepareSm3Digest(const Arguments& call, Work& work) {
  const PinnedBytes& out = work.output(sm3DigestLength);
  Stream& stream = takeStream(call, work);
  stream.finished = true;
  work.execute = [&out, &stream] {
    const Sm3Digest digest = stream.hash.digest();
    std::memcpy(out.data(), digest.data(), digest.size());
    return Status::ok;
  };
}

}  // namespace bidkey::engine
