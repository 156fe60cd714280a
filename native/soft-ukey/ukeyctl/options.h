/** Command line of ukeyctl: words and `--name value` options. PINs are read from standard input, never from the command line of a real key. */
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ukeyctl {

/** A mistake of the caller: shown with the usage, exit code 2. */
struct UsageError { std::string message; };
/** What could not be done: exit code 1. */
struct CommandError { std::string message; };

class Options {
 public:
  /** @throws UsageError for an option not in `known` (value true: takes a value) */
  Options(const std::vector<std::string>& words, const std::map<std::string, bool>& known);
  bool has(const std::string& name) const { return values_.count(name) != 0; }
  std::string text(const std::string& name, const std::string& fallback) const;
  std::uint32_t number(const std::string& name, std::uint32_t fallback) const;
  const std::vector<std::string>& words() const { return words_; }
  /** @throws UsageError when there are fewer */
  const std::string& word(std::size_t index, const char* what) const;

 private:
  std::vector<std::string> words_;
  std::map<std::string, std::string> values_;
};

std::uint32_t numberOf(const std::string& text, const char* what);

}  // namespace ukeyctl
