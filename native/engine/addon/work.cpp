#include "work.hpp"

namespace bidkey::engine {

const PinnedBytes& Work::pin(napi_value value) { return *pins_.emplace_back(std::make_unique<PinnedBytes>(env_, value)); }

const PinnedBytes& Work::output(std::size_t length, napi_value wanted, const PinnedBytes* in) {
  if (!wanted) {
    void* data = nullptr;
    if (napi_create_buffer(env_, length, &data, &wanted) != napi_ok) {
      napi_value pending;
      napi_get_and_clear_last_exception(env_, &pending);
      throw Refusal{"ENGINE_MEMORY", "no memory for the result"};
    }
  }
  const PinnedBytes& out = pin(wanted);
  output_ = &out;
  if (out.length() != length) refuseArgument("the output buffer has a wrong length");
  const bool apart = !in || out.data() + out.length() <= in->data() || in->data() + in->length() <= out.data();
  if (!apart && out.data() != in->data()) refuseArgument("the output buffer overlaps the input");
  return out;
}

napi_value Work::finish(Status status) {
  if (release) release();
  for (const auto& pinned : pins_) {
    if (!pinned->stillThere()) status = Status::bufferChanged;
  }
  if (status != Status::ok) throw refusalOf(status);
  return answer ? answer(env_) : output_->value();
}

napi_value Work::runNow(std::unique_ptr<Work> work) { return work->finish(work->execute()); }

napi_value Work::queue(std::unique_ptr<Work> work) {
  napi_env env = work->env_;
  napi_value promise, name;
  check(napi_create_string_utf8(env, "bidkey-engine", NAPI_AUTO_LENGTH, &name));
  const auto run = [](napi_env, void* data) {
    auto* self = static_cast<Work*>(data);
    try {
      self->status_ = self->execute();
    } catch (...) {
      self->failed_ = true;
    }
  };
  const auto done = [](napi_env, napi_status status, void* data) {
    const std::unique_ptr<Work> self(static_cast<Work*>(data));
    if (status != napi_ok) self->failed_ = true;
    self->complete();
  };
  check(napi_create_async_work(env, nullptr, name, run, done, work.get(), &work->asyncWork_));
  check(napi_create_promise(env, &work->deferred_, &promise));
  check(napi_queue_async_work(env, work->asyncWork_));
  static_cast<void>(work.release());  // owned by `done` from here
  return promise;
}

void Work::complete() {
  napi_value answerValue = nullptr, error = nullptr;
  try {
    if (failed_) {
      if (release) release();
      throw Refusal{"ENGINE_RUNTIME", "the operation did not run"};
    }
    answerValue = finish(status_);
  } catch (const Refusal& refusal) {
    error = toError(env_, refusal);
  } catch (...) {
    error = toError(env_, {"ENGINE_RUNTIME", "the operation failed"});
  }
  if (error) napi_reject_deferred(env_, deferred_, error);
  else napi_resolve_deferred(env_, deferred_, answerValue);
  napi_delete_async_work(env_, asyncWork_);
}

}  // namespace bidkey::engine
