/**
 * The fault library: a plan beside a test key says what goes wrong when. A line is `<function> <call> <action> [value]`;
 * call k strikes the k-th call of that function in this process since the plan was written, 0 strikes every call; function `*` means any.
 * Built in only with BIDKEY_FAULTS, and obeyed only by keys created with --test: nobody can attack a real key with it. See docs/soft-ukey.md.
 */
#pragma once
#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace bidkey {

enum class FaultAction { hang, crash, returnCode, unplug, powerLoss, noPinFlags };

struct FaultRule {
  std::string function;
  std::uint32_t call = 0;
  FaultAction action = FaultAction::hang;
  std::uint64_t value = 0;
};

/** @returns nullopt for a line that is no rule */
std::optional<FaultRule> parseFaultRule(const std::string& line);
std::string faultRuleText(const FaultRule& rule);

/** What a face has to do about a call. Hanging and crashing have happened before it is handed back. */
struct FaultVerdict {
  std::optional<std::uint64_t> returnCode;
  bool unplug = false;
};

class Faults {
 public:
  explicit Faults(std::filesystem::path plan) : plan_(std::move(plan)) {}
  /** Tells whether this is a test key; until then no plan is obeyed. */
  void setArmed(bool isTestKey) { isArmed_ = isTestKey; }
  FaultVerdict onCall(const char* function);
  /** Ends the process at the step that a rule `write n power-loss` names. */
  void onWriteStep();
  bool hidesPinFlags();

 private:
  bool refresh();
  std::filesystem::path plan_;
  std::atomic<bool> isArmed_ = false;
  std::mutex guard_;
  struct stat seen_ {};
  std::vector<FaultRule> rules_;
  std::map<std::string, std::uint32_t> calls_;
};

}  // namespace bidkey
