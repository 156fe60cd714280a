/** ukeyctl fault: writes, shows and clears the fault plan of a test key. */
#include <fstream>
#include <iostream>

#include "../core/token-store.h"
#include "commands.h"

namespace ukeyctl {

namespace {
using namespace bidkey;

std::vector<std::string> linesOf(const std::filesystem::path& plan) {
  std::vector<std::string> lines;
  std::ifstream in(plan);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/** Replaced as a whole: a running library sees the old plan or the new one, and starts counting anew. */
void writePlan(const std::filesystem::path& plan, const std::vector<std::string>& lines) {
  auto temporary = plan;
  temporary += ".new";
  {
    std::ofstream out(temporary, std::ios::trunc);
    for (const auto& line : lines) out << line << '\n';
    if (!out.flush()) throw CommandError{"the fault plan cannot be written"};
  }
  std::filesystem::rename(temporary, plan);
}
}  // namespace

void changeFaults(const Options& options) {
  const auto& serial = options.word(0, "the serial number");
  if (!isValidSerial(serial)) throw UsageError{"not a serial number: " + serial};
  const auto token = tokenOf(serial);
  if (!token->read()->isTest) throw CommandError{"fault: only keys created with --test obey a fault plan"};
  const auto plan = token->folder() / (serial + ".faults");
  const auto& deed = options.word(1, "add, list or clear");
  if (deed == "clear") {
    std::filesystem::remove(plan);
  } else if (deed == "list") {
    for (const auto& line : linesOf(plan)) std::cout << line << '\n';
  } else if (deed == "add") {
    std::string line;
    for (std::size_t i = 2; i < options.words().size(); i++) line += (line.empty() ? "" : " ") + options.words()[i];
    const auto rule = parseFaultRule(line);
    if (!rule) throw UsageError{"not a fault: <function> <call> hang <seconds> | crash | return <code> | unplug | power-loss | no-pin-flags"};
    auto lines = linesOf(plan);
    lines.push_back(faultRuleText(*rule));
    writePlan(plan, lines);
  } else {
    throw UsageError{"fault " + deed + ": add, list or clear"};
  }
}

}  // namespace ukeyctl
