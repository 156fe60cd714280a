// What an addon call answers when it does not do what was asked: a code for the caller's error table, and a text for logs.
#pragma once
#define NAPI_VERSION 8
#include <node_api.h>

#include "../core/status.hpp"

namespace bidkey::engine {

// Thrown inside the addon only; every export catches it (export.hpp).
struct Refusal {
  const char* code;
  const char* message;
};

[[noreturn]] inline void refuseArgument(const char* message) { throw Refusal{"ENGINE_ARGUMENT", message}; }

// A failing N-API call means that the runtime is going down or an exception is already waiting.
inline void check(napi_status status) {
  if (status != napi_ok) throw Refusal{"ENGINE_RUNTIME", "a call into the JavaScript runtime failed"};
}

inline Refusal refusalOf(Status status) {
  switch (status) {
    case Status::decryptFailed: return {"DECRYPT_FAILED", "decryption failed"};
    case Status::keyInvalid: return {"KEY_INVALID", "the key is not valid"};
    case Status::nonceRefused: return {"NONCE_REFUSED", "this random number cannot be used"};
    case Status::bufferChanged: return {"ENGINE_BUFFER_CHANGED", "a buffer was detached while it was being worked on"};
    case Status::ok: break;
  }
  return {"ENGINE_RUNTIME", "no refusal"};
}

inline napi_value toError(napi_env env, const Refusal& refusal) {
  napi_value code = nullptr, message = nullptr, error = nullptr;
  napi_create_string_utf8(env, refusal.code, NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, refusal.message, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, code, message, &error);
  return error;
}

}  // namespace bidkey::engine
