/**
 * Objects of an application as a login sees them: public ones always, private ones when the user is logged in.
 * Private objects are opened one by one from their sealed form, and forgotten after the call.
 */
#pragma once
#include "pin.h"

namespace bidkey {

/** Everything visible to that login, by id. */
std::vector<Object> visibleObjects(const Application& app, const Login& login);
/** @returns nullopt when there is none, or it may not be seen */
std::optional<Object> findObject(const Application& app, const Login& login, std::uint32_t id);

/** The application a login belongs to. @throws Failure(noSuchKey), or Failure(notLoggedIn) when all was erased since the login */
Application& applicationFor(TokenState& state, const std::string& name, const Login& login);
const Application& applicationFor(const TokenState& state, const std::string& name, const Login& login);

/** Puts a new object in. @throws Failure(notLoggedIn) for a private one without login. @returns its id */
std::uint32_t addObject(TokenState& state, Application& app, const Login& login, const AttributeMap& attributes);
void replaceObject(Application& app, const Login& login, const Object& object);
void removeObject(Application& app, std::uint32_t id);

Bytes sealFile(const Application& app, const Login& login, const std::string& name, View content);
SecureBytes openFile(const Application& app, const Login& login, const std::string& name, View sealed);

}  // namespace bidkey
