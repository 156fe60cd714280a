#include "buffers.hpp"

namespace bidkey::engine {

namespace {

// Per environment (main thread or worker).
struct RuntimeParts {
  // Getter of ArrayBuffer.prototype.resizable; absent where the runtime has no resizable buffers.
  napi_ref resizableGetter = nullptr;
};

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value;
  check(napi_get_named_property(env, object, name, &value));
  return value;
}

bool isResizable(napi_env env, napi_value arrayBuffer) {
  void* data = nullptr;
  check(napi_get_instance_data(env, &data));
  const auto* parts = static_cast<const RuntimeParts*>(data);
  if (!parts || !parts->resizableGetter) return false;
  napi_value getter, answer;
  check(napi_get_reference_value(env, parts->resizableGetter, &getter));
  check(napi_call_function(env, arrayBuffer, getter, 0, nullptr, &answer));
  bool resizable = false;
  check(napi_get_value_bool(env, answer, &resizable));
  return resizable;
}

}  // namespace

void prepareBuffers(napi_env env) {
  auto parts = std::make_unique<RuntimeParts>();
  napi_value global, descriptor;
  check(napi_get_global(env, &global));
  const napi_value objectClass = property(env, global, "Object");
  const napi_value prototype = property(env, property(env, global, "ArrayBuffer"), "prototype");
  napi_value name;
  check(napi_create_string_utf8(env, "resizable", NAPI_AUTO_LENGTH, &name));
  const napi_value arguments[] = {prototype, name};
  check(napi_call_function(env, objectClass, property(env, objectClass, "getOwnPropertyDescriptor"), 2, arguments, &descriptor));
  napi_valuetype type;
  check(napi_typeof(env, descriptor, &type));
  if (type == napi_object) check(napi_create_reference(env, property(env, descriptor, "get"), 1, &parts->resizableGetter));
  check(napi_set_instance_data(env, parts.release(), [](napi_env, void* data, void*) { delete static_cast<RuntimeParts*>(data); }, nullptr));
}

View readView(napi_env env, napi_value value) {
  bool isTypedArray = false;
  check(napi_is_typedarray(env, value, &isTypedArray));
  if (!isTypedArray) refuseArgument("a Uint8Array is wanted");
  napi_typedarray_type type;
  std::size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value arrayBuffer;
  check(napi_get_typedarray_info(env, value, &type, &length, &data, &arrayBuffer, &offset));
  if (type != napi_uint8_array) refuseArgument("a Uint8Array is wanted");
  bool isArrayBuffer = false, isDetached = false;
  check(napi_is_arraybuffer(env, arrayBuffer, &isArrayBuffer));
  if (!isArrayBuffer) refuseArgument("shared memory is not accepted");
  check(napi_is_detached_arraybuffer(env, arrayBuffer, &isDetached));
  if (isDetached) refuseArgument("the buffer is detached");
  if (isResizable(env, arrayBuffer)) refuseArgument("resizable buffers are not accepted");
  return {static_cast<std::uint8_t*>(data), length};
}

SecretBytes::SecretBytes(napi_env env, napi_value value, std::size_t minBytes, std::size_t maxBytes) {
  const View view = readView(env, value);
  if (view.length < minBytes || view.length > maxBytes) refuseArgument("wrong length of a key, nonce, digest or point");
  if (view.length > 0) bytes_.assign(view.data, view.data + view.length);
}

PinnedBytes::PinnedBytes(napi_env env, napi_value value) : env_(env), view_(readView(env, value)) {
  check(napi_create_reference(env, value, 1, &reference_));
}

PinnedBytes::~PinnedBytes() {
  if (reference_) napi_delete_reference(env_, reference_);
}

napi_value PinnedBytes::value() const {
  napi_value value;
  check(napi_get_reference_value(env_, reference_, &value));
  return value;
}

bool PinnedBytes::stillThere() const {
  napi_typedarray_type type;
  std::size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value arrayBuffer;
  check(napi_get_typedarray_info(env_, value(), &type, &length, &data, &arrayBuffer, &offset));
  return data == view_.data && length == view_.length;
}

}  // namespace bidkey::engine
