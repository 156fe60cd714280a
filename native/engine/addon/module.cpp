// The exports of the addon: a list. Every operation has two names: `name` (promise, thread pool) and `nameSync`.
#include <new>

#include "../core/cpu.hpp"
#include "../core/sha256.hpp"
#include "operations.hpp"

namespace bidkey::engine {

Arguments::Arguments(napi_env env, napi_callback_info info) : env_(env) {
  std::size_t count = most;
  check(napi_get_cb_info(env, info, &count, values_, nullptr, nullptr));
  if (count > most) refuseArgument("too many arguments");
}

napi_value Arguments::optional(std::size_t index) const {
  napi_valuetype type;
  check(napi_typeof(env_, values_[index], &type));
  return type == napi_undefined ? nullptr : values_[index];
}

namespace {

// Runs an export; whatever goes wrong becomes a JavaScript error with a code.
template <typename Body>
napi_value guarded(napi_env env, Body body) noexcept {
  try {
    return body();
  } catch (const Refusal& refusal) {
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) napi_throw(env, toError(env, refusal));
  } catch (const std::bad_alloc&) {
    napi_throw(env, toError(env, {"ENGINE_MEMORY", "no memory"}));
  } catch (...) {
    napi_throw(env, toError(env, {"ENGINE_RUNTIME", "the operation failed"}));
  }
  return nullptr;
}

template <Operation operation>
napi_value prepared(napi_env env, napi_callback_info info, napi_value (*start)(std::unique_ptr<Work>)) noexcept {
  return guarded(env, [&] {
    const Arguments call(env, info);
    auto work = std::make_unique<Work>(env);
    operation(call, *work);
    return start(std::move(work));
  });
}

template <Operation operation>
napi_value onPool(napi_env env, napi_callback_info info) {
  return prepared<operation>(env, info, Work::queue);
}

template <Operation operation>
napi_value onThisThread(napi_env env, napi_callback_info info) {
  return prepared<operation>(env, info, Work::runNow);
}

constexpr const char* kernelNames[] = {"scalar", "avx2", "avx512"};

napi_value createSm3Export(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return createSm3(env); });
}

napi_value kernelExport(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    napi_value name;
    check(napi_create_string_utf8(env, kernelNames[static_cast<int>(activeKernel())], NAPI_AUTO_LENGTH, &name));
    return name;
  });
}

// hasWideAes() → whether sha256Many and aes256Gcm… can be called on this processor
napi_value hasWideAesExport(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    napi_value has;
    check(napi_get_boolean(env, hasWideAes(), &has));
    return has;
  });
}

// testOnlyUseKernel(0 scalar | 1 avx2 | 2 avx512) → whether the processor has it
napi_value useKernelExport(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments call(env, info);
    std::int32_t kernel = -1;
    if (napi_get_value_int32(env, call.at(0), &kernel) != napi_ok || kernel < 0 || kernel > 2) refuseArgument("a kernel number 0 to 2 is wanted");
    napi_value used;
    check(napi_get_boolean(env, testOnlyUseKernel(static_cast<Kernel>(kernel)), &used));
    return used;
  });
}

#define BIDKEY_OPERATION(name, operation)                                                               \
  {#name, nullptr, onPool<operation>, nullptr, nullptr, nullptr, napi_enumerable, nullptr}, {           \
    #name "Sync", nullptr, onThisThread<operation>, nullptr, nullptr, nullptr, napi_enumerable, nullptr \
  }

constexpr napi_property_descriptor plain(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_enumerable, nullptr};
}

napi_value initialise(napi_env env, napi_value exports) {
  return guarded(env, [&] {
    prepareBuffers(env);
    const napi_property_descriptor properties[] = {
        BIDKEY_OPERATION(sm3, prepareSm3),
        BIDKEY_OPERATION(sm3Many, prepareSm3Many),
        BIDKEY_OPERATION(sm3Update, prepareSm3Update),
        BIDKEY_OPERATION(sm3Digest, prepareSm3Digest),
        BIDKEY_OPERATION(sm4Ctr, prepareSm4Ctr),
        BIDKEY_OPERATION(sm4CbcEncrypt, prepareSm4CbcEncrypt),
        BIDKEY_OPERATION(sm4CbcDecrypt, prepareSm4CbcDecrypt),
        BIDKEY_OPERATION(sm4GcmEncrypt, prepareSm4GcmEncrypt),
        BIDKEY_OPERATION(sm4GcmDecrypt, prepareSm4GcmDecrypt),
        BIDKEY_OPERATION(sha256Many, prepareSha256Many),
        BIDKEY_OPERATION(aes256GcmEncrypt, prepareAes256GcmEncrypt),
        BIDKEY_OPERATION(aes256GcmDecrypt, prepareAes256GcmDecrypt),
        BIDKEY_OPERATION(sm2PublicKey, prepareSm2PublicKey),
        BIDKEY_OPERATION(sm2Sign, prepareSm2Sign),
        BIDKEY_OPERATION(sm2TestOnlySignWithNonce, prepareSm2TestOnlySignWithNonce),
        BIDKEY_OPERATION(sm2Verify, prepareSm2Verify),
        BIDKEY_OPERATION(sm2Encrypt, prepareSm2Encrypt),
        BIDKEY_OPERATION(sm2Decrypt, prepareSm2Decrypt),
        plain("createSm3", createSm3Export),
        plain("hasWideAes", hasWideAesExport),
        plain("kernel", kernelExport),
        plain("testOnlyUseKernel", useKernelExport),
    };
    check(napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties));
    return exports;
  });
}

}  // namespace

}  // namespace bidkey::engine

NAPI_MODULE_INIT() { return bidkey::engine::initialise(env, exports); }
