/** Sealing and opening of private objects. The seal binds object and application: one cannot be passed off as another. */
#include "vault.h"

#include <algorithm>

#include "crypto.h"

namespace bidkey {

namespace {
Bytes sealContext(const Application& app, std::uint32_t id) {
  ByteWriter<Bytes> out;
  out.text("object");
  out.bytes(app.epoch);
  out.u32(id);
  return out.take();
}

Bytes fileContext(const Application& app, const std::string& name) {
  ByteWriter<Bytes> out;
  out.text("file");
  out.bytes(app.epoch);
  out.text(name);
  return out.take();
}

Object openObject(const Application& app, const Login& login, const SealedObject& sealed) {
  const SecureBytes plain = openGcm(login.dataKey, sealContext(app, sealed.id), sealed.sealed);
  ByteReader reader(plain);
  return {sealed.id, readAttributes(reader)};
}

bool seesPrivate(const Application& app, const Login& login) { return login.isUser() && login.epoch == app.epoch; }
}  // namespace

Application& applicationFor(TokenState& state, const std::string& name, const Login& login) {
  Application* app = state.find(name);
  if (app == nullptr) throw Failure(Fail::noSuchKey);
  if (login.role != Login::Role::none && login.epoch != app->epoch) throw Failure(Fail::notLoggedIn);
  return *app;
}

const Application& applicationFor(const TokenState& state, const std::string& name, const Login& login) {
  return applicationFor(const_cast<TokenState&>(state), name, login);
}

std::vector<Object> visibleObjects(const Application& app, const Login& login) {
  std::vector<Object> out = app.publicObjects;
  if (seesPrivate(app, login))
    for (const auto& sealed : app.privateObjects) out.push_back(openObject(app, login, sealed));
  std::sort(out.begin(), out.end(), [](const Object& a, const Object& b) { return a.id < b.id; });
  return out;
}

std::optional<Object> findObject(const Application& app, const Login& login, std::uint32_t id) {
  for (const auto& object : app.publicObjects)
    if (object.id == id) return object;
  if (!seesPrivate(app, login)) return std::nullopt;
  for (const auto& sealed : app.privateObjects)
    if (sealed.id == id) return openObject(app, login, sealed);
  return std::nullopt;
}

std::uint32_t addObject(TokenState& state, Application& app, const Login& login, const AttributeMap& attributes) {
  Object object{state.nextObjectId++, attributes};
  if (!object.isPrivate()) {
    app.publicObjects.push_back(std::move(object));
    return app.publicObjects.back().id;
  }
  if (!seesPrivate(app, login)) throw Failure(Fail::notLoggedIn);
  app.privateObjects.push_back({object.id, sealGcm(login.dataKey, sealContext(app, object.id), writeAttributes(attributes))});
  return object.id;
}

void removeObject(Application& app, std::uint32_t id) {
  std::erase_if(app.publicObjects, [id](const Object& object) { return object.id == id; });
  std::erase_if(app.privateObjects, [id](const SealedObject& object) { return object.id == id; });
}

void replaceObject(Application& app, const Login& login, const Object& object) {
  if (!object.isPrivate()) {
    for (auto& old : app.publicObjects)
      if (old.id == object.id) old = object;
    return;
  }
  if (!seesPrivate(app, login)) throw Failure(Fail::notLoggedIn);
  for (auto& old : app.privateObjects)
    if (old.id == object.id) old.sealed = sealGcm(login.dataKey, sealContext(app, object.id), writeAttributes(object.attributes));
}

Bytes sealFile(const Application& app, const Login& login, const std::string& name, View content) {
  if (login.dataKey.empty()) throw Failure(Fail::notLoggedIn);
  return sealGcm(login.dataKey, fileContext(app, name), content);
}

SecureBytes openFile(const Application& app, const Login& login, const std::string& name, View sealed) {
  if (login.dataKey.empty()) throw Failure(Fail::notLoggedIn);
  return openGcm(login.dataKey, fileContext(app, name), sealed);
}

}  // namespace bidkey
