/** PIN checking with persistent counters, and the wrapping of the data key. */
#include "pin.h"

#include "crypto.h"

namespace bidkey {

namespace {
constexpr std::string_view wrapContext = "bidkey soft ukey data key v1";

Application& applicationOf(TokenState& state, const std::string& name) {
  Application* app = state.find(name);
  if (app == nullptr) throw Failure(Fail::noSuchKey);
  return *app;
}

/** Steps: count down and make durable, derive and unwrap, count up and make durable. */
SecureBytes verifyIn(Token::Transaction& change, const std::string& application, PinKind kind, View pin) {
  PinRecord& record = applicationOf(change.state, application).pin(kind);
  if (!record.isSet) throw Failure(Fail::pinNotSet);
  if (record.triesLeft == 0) throw Failure(Fail::pinLocked);
  record.triesLeft--;
  change.commit();
  SecureBytes dataKey;
  try {
    dataKey = openGcm(deriveFromPin(pin, record.salt, record.log2N), viewOf(wrapContext), record.wrappedDataKey);
  } catch (const Failure& failure) {
    throw Failure(failure.kind() == Fail::cipherInvalid ? Fail::pinIncorrect : failure.kind());
  }
  record.triesLeft = record.maxTries;
  change.commit();
  return dataKey;
}

void requireLength(const TokenState& state, View pin) {
  if (pin.size() < state.minPinLength || pin.size() > state.maxPinLength) throw Failure(Fail::pinLength);
}
}  // namespace

PinRecord makePin(const TokenState& state, View pin, View dataKey, std::uint32_t maxTries) {
  requireLength(state, pin);
  PinRecord record;
  record.isSet = true;
  record.maxTries = record.triesLeft = maxTries;
  record.log2N = state.kdfLog2N;
  record.salt = plainBytes(randomBytes(16));
  record.wrappedDataKey = sealGcm(deriveFromPin(pin, record.salt, record.log2N), viewOf(wrapContext), dataKey);
  return record;
}

Application makeApplication(const TokenState& state, std::string name, View adminPin, std::uint32_t adminTries, View userPin, std::uint32_t userTries) {
  const SecureBytes dataKey = randomBytes(32);
  Application app;
  app.name = std::move(name);
  app.epoch = plainBytes(randomBytes(16));
  app.admin = makePin(state, adminPin, dataKey, adminTries);
  app.admin.isDefault = true;
  app.user.maxTries = app.user.triesLeft = userTries;
  if (!userPin.empty()) {
    app.user = makePin(state, userPin, dataKey, userTries);
    app.user.isDefault = true;
  }
  return app;
}

Login verifyPin(Token& token, const std::string& application, PinKind kind, View pin) {
  Token::Transaction change(token);
  Login login;
  login.dataKey = verifyIn(change, application, kind, pin);
  login.role = kind == PinKind::user ? Login::Role::user : Login::Role::admin;
  login.epoch = applicationOf(change.state, application).epoch;
  return login;
}

void changePin(Token& token, const std::string& application, PinKind kind, View oldPin, View newPin) {
  Token::Transaction change(token);
  requireLength(change.state, newPin);
  const SecureBytes dataKey = verifyIn(change, application, kind, oldPin);
  PinRecord& record = applicationOf(change.state, application).pin(kind);
  record = makePin(change.state, newPin, dataKey, record.maxTries);
  change.commit();
}

static void setUserPinIn(Token::Transaction& change, const std::string& application, View dataKey, View newPin) {
  PinRecord& record = applicationOf(change.state, application).user;
  record = makePin(change.state, newPin, dataKey, record.maxTries);
  change.commit();
}

void setUserPin(Token& token, const std::string& application, const Login& admin, View newPin) {
  Token::Transaction change(token);
  requireLength(change.state, newPin);
  if (!admin.isAdmin() || admin.epoch != applicationOf(change.state, application).epoch) throw Failure(Fail::notLoggedIn);
  setUserPinIn(change, application, admin.dataKey, newPin);
}

void unblockUserPin(Token& token, const std::string& application, View adminPin, View newUserPin) {
  Token::Transaction change(token);
  requireLength(change.state, newUserPin);
  const SecureBytes dataKey = verifyIn(change, application, PinKind::admin, adminPin);
  setUserPinIn(change, application, dataKey, newUserPin);
}

}  // namespace bidkey
