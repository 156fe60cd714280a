/** Reading a fault plan and striking by it. */
#include "faults.h"

#include <csignal>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace bidkey {

namespace {
struct ActionName { FaultAction action; const char* name; bool hasValue; };
constexpr ActionName actionNames[] = {
    {FaultAction::hang, "hang", true},     {FaultAction::crash, "crash", false},          {FaultAction::returnCode, "return", true},
    {FaultAction::unplug, "unplug", false}, {FaultAction::powerLoss, "power-loss", false}, {FaultAction::noPinFlags, "no-pin-flags", false},
};
#ifdef BIDKEY_FAULTS
constexpr bool builtIn = true;
#else
constexpr bool builtIn = false;
#endif
}  // namespace

std::optional<FaultRule> parseFaultRule(const std::string& line) {
  std::istringstream in(line);
  FaultRule rule;
  std::string action, value;
  if (!(in >> rule.function >> rule.call >> action)) return std::nullopt;
  for (const auto& known : actionNames) {
    if (action != known.name) continue;
    rule.action = known.action;
    if (known.hasValue) {
      if (!(in >> value)) return std::nullopt;
      char* rest = nullptr;
      rule.value = std::strtoull(value.c_str(), &rest, 0);
      if (*rest != 0) return std::nullopt;
    }
    return (in >> value) ? std::nullopt : std::optional(rule);
  }
  return std::nullopt;
}

std::string faultRuleText(const FaultRule& rule) {
  std::ostringstream out;
  out << rule.function << ' ' << rule.call;
  for (const auto& known : actionNames) {
    if (known.action != rule.action) continue;
    out << ' ' << known.name;
    if (known.hasValue) out << " 0x" << std::hex << rule.value;
  }
  return out.str();
}

/** @returns whether there is a plan to obey */
bool Faults::refresh() {
  if (!builtIn || !isArmed_) return false;
  struct stat now {};
  if (::stat(plan_.c_str(), &now) != 0) {
    rules_.clear();
    calls_.clear();
    seen_ = {};
    return false;
  }
  const bool same = now.st_ino == seen_.st_ino && now.st_mtim.tv_sec == seen_.st_mtim.tv_sec && now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec && now.st_size == seen_.st_size;
  if (!same) {
    seen_ = now;
    rules_.clear();
    calls_.clear();
    std::ifstream in(plan_);
    for (std::string line; std::getline(in, line);)
      if (const auto rule = parseFaultRule(line)) rules_.push_back(*rule);
  }
  return !rules_.empty();
}

FaultVerdict Faults::onCall(const char* function) {
  std::uint64_t hangSeconds = 0;
  bool crash = false;
  FaultVerdict verdict;
  {
    const std::lock_guard lock(guard_);
    if (!refresh()) return verdict;
    const auto own = ++calls_[function], any = ++calls_["*"];
    for (const auto& rule : rules_) {
      const bool named = rule.function == function, wild = rule.function == "*";
      if ((!named && !wild) || (rule.call != 0 && rule.call != (named ? own : any))) continue;
      if (rule.action == FaultAction::hang) hangSeconds = rule.value;
      if (rule.action == FaultAction::crash) crash = true;
      if (rule.action == FaultAction::unplug) verdict.unplug = true;
      if (rule.action == FaultAction::returnCode) verdict.returnCode = rule.value;
    }
  }
  if (hangSeconds > 0) std::this_thread::sleep_for(std::chrono::seconds(hangSeconds));
  if (crash) {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  }
  return verdict;
}

void Faults::onWriteStep() {
  const std::lock_guard lock(guard_);
  if (!refresh()) return;
  const auto step = ++calls_["write"];
  for (const auto& rule : rules_)
    if (rule.function == "write" && rule.action == FaultAction::powerLoss && (rule.call == 0 || rule.call == step)) ::_exit(137);
}

bool Faults::hidesPinFlags() {
  const std::lock_guard lock(guard_);
  if (!refresh()) return false;
  for (const auto& rule : rules_)
    if (rule.action == FaultAction::noPinFlags) return true;
  return false;
}

}  // namespace bidkey
