/** ukeyctl: makes software UKeys, plugs them in and out, and, for test keys, makes them misbehave on purpose. See docs/soft-ukey.md. */
#include <cstdlib>
#include <iostream>

#include "../core/failure.h"
#include "commands.h"

namespace {
using namespace ukeyctl;

struct Command {
  const char* name;
  void (*run)(const Options&);
  std::map<std::string, bool> options;
  const char* usage;
};

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"create", createKey,
       {{"--serial", true}, {"--label", true}, {"--model", true}, {"--manufacturer", true}, {"--user-tries", true}, {"--admin-tries", true}, {"--capacity", true}, {"--app", true}, {"--min-pin", true},
        {"--kdf-log2", true}, {"--test", false}, {"--claim-hardware", false}, {"--blank", false}, {"--must-change-pin", false}, {"--user-pin", true}, {"--admin-pin", true}},
       "create [--serial S] [--label L] [--model M] [--manufacturer M] [--user-tries N] [--admin-tries N] [--capacity BYTES] [--app NAME]\n"
       "         [--min-pin N] [--kdf-log2 N] [--must-change-pin] [--claim-hardware] [--blank] [--test [--user-pin P --admin-pin P]]\n"
       "         PINs on standard input: user PIN, then administrator PIN, one line each"},
      {"list", listKeys, {{"--json", false}}, "list [--json]"},
      {"insert", insertKey, {}, "insert SERIAL"},
      {"remove", removeKey, {}, "remove SERIAL"},
      {"lock", lockKey, {{"--admin", false}}, "lock SERIAL [--admin]"},
      {"set-counters", setCounters, {{"--user", true}, {"--admin", true}}, "set-counters SERIAL [--user N] [--admin N]        (test keys)"},
      {"set-free-space", setFreeSpace, {}, "set-free-space SERIAL BYTES                      (test keys)"},
      {"fault", changeFaults, {}, "fault SERIAL add FUNCTION CALL ACTION [VALUE] | list | clear   (test keys)"},
      {"delete", deleteKey, {{"--yes", false}}, "delete SERIAL --yes"},
  };
  return table;
}

int usage(const std::string& mistake) {
  if (!mistake.empty()) std::cerr << "ukeyctl: " << mistake << "\n\n";
  std::cerr << "usage: ukeyctl [--dir FOLDER] COMMAND …     (FOLDER: $BIDKEY_SOFT_UKEY_DIR, else the user's data folder)\n";
  for (const auto& command : commands()) std::cerr << "  " << command.usage << '\n';
  return 2;
}

const char* describe(bidkey::Fail kind) {
  using bidkey::Fail;
  switch (kind) {
    case Fail::noSuchKey: return "there is no such key in the folder";
    case Fail::storeCorrupt: return "the key file is damaged";
    case Fail::storeIo: return "the key file cannot be written (or the serial number is taken)";
    case Fail::pinLength: return "a PIN is too short or too long";
    case Fail::noRoom: return "the key is full";
    default: return "failed";
  }
}

int run(std::vector<std::string> words) {
  if (words.size() >= 2 && words[0] == "--dir") {
    ::setenv("BIDKEY_SOFT_UKEY_DIR", words[1].c_str(), 1);
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.empty() || words[0] == "--help" || words[0] == "help") return usage("");
  for (const auto& command : commands()) {
    if (words[0] != command.name) continue;
    command.run(Options({words.begin() + 1, words.end()}, command.options));
    return 0;
  }
  return usage("unknown command " + words[0]);
}
}  // namespace

int main(int count, char** values) {
  try {
    return run({values + 1, values + count});
  } catch (const UsageError& mistake) {
    return usage(mistake.message);
  } catch (const CommandError& error) {
    std::cerr << "ukeyctl: " << error.message << '\n';
  } catch (const bidkey::Failure& failure) {
    std::cerr << "ukeyctl: " << describe(failure.kind()) << '\n';
  } catch (const std::exception&) {
    std::cerr << "ukeyctl: failed\n";
  }
  return 1;
}
