/** ukeyctl create: a new key file. PINs come on standard input (user PIN, then administrator PIN, one line each). */
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "../core/crypto.h"
#include "../core/pin.h"
#include "commands.h"

namespace ukeyctl {

namespace {
using namespace bidkey;

/** One line without echo on a terminal, else the next line of standard input. */
SecureBytes readPin(const char* prompt) {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  termios before{};
  if (terminal) {
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    std::cerr << prompt << ": " << std::flush;
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << '\n';
  }
  SecureBytes pin = secureBytes(viewOf(line));
  OPENSSL_cleanse(line.data(), line.size());
  return pin;
}

struct Pins { SecureBytes user, admin; };

Pins readPins(const Options& options) {
  const bool onCommandLine = options.has("--user-pin") || options.has("--admin-pin");
  if (onCommandLine && !options.has("--test")) throw UsageError{"PINs on the command line can be read by others: allowed for --test keys only, give them on standard input"};
  if (onCommandLine) return {secureBytes(viewOf(options.text("--user-pin", ""))), secureBytes(viewOf(options.text("--admin-pin", "")))};
  Pins pins;
  pins.user = readPin("user PIN (empty: not set)");
  pins.admin = readPin("administrator PIN");
  return pins;
}

std::uint32_t triesOf(const Options& options, const char* name) {
  const auto tries = options.number(name, 10);
  if (tries < 1 || tries > 255) throw UsageError{std::string(name) + ": from 1 to 255"};
  return tries;
}

std::string shortText(const Options& options, const char* name, const char* fallback, std::size_t maxBytes) {
  const auto text = options.text(name, fallback);
  if (text.empty() || text.size() > maxBytes) throw UsageError{std::string(name) + ": from 1 to " + std::to_string(maxBytes) + " bytes"};
  return text;
}
}  // namespace

void createKey(const Options& options) {
  TokenState state;
  state.serial = options.text("--serial", "BK" + hexOf(randomBytes(5)));
  if (!isValidSerial(state.serial)) throw UsageError{"--serial: up to 16 letters, digits, - and _"};
  state.label = shortText(options, "--label", "BidKey", 32);
  state.model = shortText(options, "--model", "SoftUKey", 16);
  state.manufacturer = shortText(options, "--manufacturer", "BidKey", 32);
  state.isTest = options.has("--test");
  state.claimsHardware = options.has("--claim-hardware");
  state.isInitialized = !options.has("--blank");
  state.capacityBytes = options.number("--capacity", 256 * 1024);
  state.minPinLength = options.number("--min-pin", 6);
  state.kdfLog2N = static_cast<std::uint8_t>(options.number("--kdf-log2", state.isTest ? 12 : 15));
  if (state.minPinLength < 1 || state.minPinLength > 32) throw UsageError{"--min-pin: from 1 to 32"};
  if (state.kdfLog2N < (state.isTest ? 10 : 14) || state.kdfLog2N > 18) throw UsageError{"--kdf-log2: from 14 (10 for --test keys) to 18"};
  state.deviceAuthKey = plainBytes(viewOf("1234567812345678"));

  const auto userTries = triesOf(options, "--user-tries"), adminTries = triesOf(options, "--admin-tries");
  const auto application = shortText(options, "--app", "BidKeyApp", 32);
  if (state.isInitialized) {
    const Pins pins = readPins(options);
    state.applications.push_back(makeApplication(state, application, pins.admin, adminTries, pins.user, userTries));
    state.primary().user.toBeChanged = options.has("--must-change-pin");
  } else {
    Application blank;
    blank.name = application;
    blank.epoch = plainBytes(randomBytes(16));
    blank.user.maxTries = blank.user.triesLeft = userTries;
    blank.admin.maxTries = blank.admin.triesLeft = adminTries;
    state.applications.push_back(blank);
  }
  tokenOf(state.serial)->create(state);
  std::cout << state.serial << '\n';
}

}  // namespace ukeyctl
