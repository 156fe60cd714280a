/** Parsing of the command line. */
#include "options.h"

#include <cstdint>
#include <cstdlib>

namespace ukeyctl {

Options::Options(const std::vector<std::string>& words, const std::map<std::string, bool>& known) {
  for (std::size_t i = 0; i < words.size(); i++) {
    if (words[i].rfind("--", 0) != 0) {
      words_.push_back(words[i]);
      continue;
    }
    const auto option = known.find(words[i]);
    if (option == known.end()) throw UsageError{"unknown option " + words[i]};
    if (option->second && i + 1 == words.size()) throw UsageError{words[i] + " needs a value"};
    values_[words[i]] = option->second ? words[i + 1] : "";
    if (option->second) i++;
  }
}

std::string Options::text(const std::string& name, const std::string& fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

std::uint32_t Options::number(const std::string& name, std::uint32_t fallback) const { return has(name) ? numberOf(text(name, ""), name.c_str()) : fallback; }

const std::string& Options::word(std::size_t index, const char* what) const {
  if (index >= words_.size()) throw UsageError{std::string(what) + " is missing"};
  return words_[index];
}

std::uint32_t numberOf(const std::string& text, const char* what) {
  char* rest = nullptr;
  const unsigned long long value = std::strtoull(text.c_str(), &rest, 0);
  if (text.empty() || text[0] == '-' || *rest != 0 || value > 0xffffffffULL) throw UsageError{std::string(what) + ": not a number: " + text};
  return static_cast<std::uint32_t>(value);
}

}  // namespace ukeyctl
