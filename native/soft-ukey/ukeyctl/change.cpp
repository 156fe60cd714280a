/** ukeyctl insert, remove, lock, set-counters, set-free-space, delete: the state of a key that exists. */
#include "../core/token-store.h"
#include "commands.h"

namespace ukeyctl {

namespace {
using namespace bidkey;

std::shared_ptr<Token> existing(const Options& options) {
  const auto& serial = options.word(0, "the serial number");
  if (!isValidSerial(serial)) throw UsageError{"not a serial number: " + serial};
  const auto token = tokenOf(serial);
  token->read();
  return token;
}

void requireTestKey(const Token::Transaction& change, const char* deed) {
  if (!change.state.isTest) throw CommandError{std::string(deed) + ": only for keys created with --test"};
}
}  // namespace

void insertKey(const Options& options) { existing(options)->setPlugged(true); }

void removeKey(const Options& options) { existing(options)->setPlugged(false); }

void lockKey(const Options& options) {
  const auto token = existing(options);
  Token::Transaction change(*token);
  for (auto& app : change.state.applications) app.pin(options.has("--admin") ? PinKind::admin : PinKind::user).triesLeft = 0;
  change.commit();
}

void setCounters(const Options& options) {
  const auto token = existing(options);
  Token::Transaction change(*token);
  // On a real key this would give a guesser new tries.
  requireTestKey(change, "set-counters");
  for (auto& app : change.state.applications) {
    app.user.triesLeft = std::min(options.number("--user", app.user.triesLeft), app.user.maxTries);
    app.admin.triesLeft = std::min(options.number("--admin", app.admin.triesLeft), app.admin.maxTries);
  }
  change.commit();
}

void setFreeSpace(const Options& options) {
  const auto token = existing(options);
  Token::Transaction change(*token);
  requireTestKey(change, "set-free-space");
  change.state.capacityBytes = static_cast<std::uint32_t>(change.state.usedBytes()) + numberOf(options.word(1, "the number of free bytes"), "free bytes");
  change.commit();
}

void deleteKey(const Options& options) {
  const auto token = existing(options);
  if (!options.has("--yes")) throw UsageError{"delete destroys all keys of that UKey for good: say --yes"};
  for (const char* suffix : {".ukey", ".plug", ".faults", ".ukey.new", ".exclusive", ".lock"}) std::filesystem::remove(token->folder() / (token->serial() + suffix));
}

}  // namespace ukeyctl
