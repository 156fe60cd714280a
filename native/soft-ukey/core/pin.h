/**
 * PINs of an application: verify, change, set by the administrator. The counter goes down on disk before a PIN is looked at,
 * so that pulling the plug during a guess costs the guess; it goes back up only after the right PIN.
 */
#pragma once
#include "token-store.h"

namespace bidkey {

/** Who is logged in to one application of one key, with the key to its private objects. */
struct Login {
  enum class Role { none, user, admin } role = Role::none;
  SecureBytes dataKey;
  Bytes epoch;
  bool isUser() const { return role == Role::user; }
  bool isAdmin() const { return role == Role::admin; }
  void clear() { *this = Login{}; }
};

/** @throws Failure(pinIncorrect | pinLocked | pinNotSet) */
Login verifyPin(Token& token, const std::string& application, PinKind kind, View pin);
/** Verifies the old PIN (counting), then sets the new one. @throws also Failure(pinLength) */
void changePin(Token& token, const std::string& application, PinKind kind, View oldPin, View newPin);
/** Sets the user PIN anew and its tries to full, private objects kept. Needs the administrator's login. */
void setUserPin(Token& token, const std::string& application, const Login& admin, View newPin);
/** Verifies the administrator PIN (counting), then sets the user PIN: unlock. */
void unblockUserPin(Token& token, const std::string& application, View adminPin, View newUserPin);

/** A record for a new PIN around the data key. @throws Failure(pinLength) */
PinRecord makePin(const TokenState& state, View pin, View dataKey, std::uint32_t maxTries);
/** A new application with administrator PIN and, unless empty, user PIN. */
Application makeApplication(const TokenState& state, std::string name, View adminPin, std::uint32_t adminTries, View userPin, std::uint32_t userTries);

}  // namespace bidkey
