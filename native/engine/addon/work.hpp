// One operation on its way: what it reads, where it writes, what it runs. The same work runs on the calling thread
// (`nameSync`) or on the thread pool (`name`, a promise).
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "buffers.hpp"

namespace bidkey::engine {

class Work {
 public:
  explicit Work(napi_env env) : env_(env) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  const PinnedBytes& pin(napi_value value);
  // A new buffer that no script can see before the work is done; or `wanted` itself, which must have that length and be
  // the very start of `in` or lie apart from it.
  const PinnedBytes& output(std::size_t length, napi_value wanted = nullptr, const PinnedBytes* in = nullptr);

  // Runs without the runtime: on whatever thread.
  std::function<Status()> execute;
  // The answer, when it is not the output; called on the calling thread after Status::ok.
  std::function<napi_value(napi_env)> answer;
  // Always called on the calling thread at the end.
  std::function<void()> release;

  // Throws a Refusal instead of an answer.
  napi_value finish(Status status);
  static napi_value runNow(std::unique_ptr<Work> work);
  static napi_value queue(std::unique_ptr<Work> work);

 private:
  void complete();

  napi_env env_;
  std::vector<std::unique_ptr<PinnedBytes>> pins_;
  const PinnedBytes* output_ = nullptr;
  Status status_ = Status::ok;
  bool failed_ = false;
  napi_deferred deferred_ = nullptr;
  napi_async_work asyncWork_ = nullptr;
};

}  // namespace bidkey::engine
