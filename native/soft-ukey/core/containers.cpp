/** Containers over objects. */
#include "containers.h"

#include <algorithm>

#include "crypto.h"
#include "key-objects.h"

namespace bidkey {

namespace {
constexpr std::size_t containerIdSize = 16;

bool isContainerObject(const Object& object) {
  const View id = object.bytes(CKA_ID);
  return id.size() == containerIdSize + 1 && (id.back() == 1 || id.back() == 2) && object.number(CKA_CLASS) != CKO_DATA && object.number(CKA_CLASS) != CKO_SECRET_KEY;
}

SecureBytes flagBytes(bool value) { return SecureBytes{static_cast<std::uint8_t>(value ? 1 : 0)}; }

void removeRole(Application& app, const Login& login, const Bytes& objectId, bool keys, bool certificates) {
  for (const auto& object : visibleObjects(app, login)) {
    const auto objectClass = object.number(CKA_CLASS);
    const bool isKey = objectClass == CKO_PRIVATE_KEY || objectClass == CKO_PUBLIC_KEY;
    if (sameBytes(object.bytes(CKA_ID), objectId) && ((keys && isKey) || (certificates && objectClass == CKO_CERTIFICATE))) removeObject(app, object.id);
  }
}
}  // namespace

Bytes containerIdOfName(std::string_view name) {
  if (name.size() == 2 * containerIdSize)
    if (Bytes id = bytesOfHex(name); id.size() == containerIdSize && hexOf(id) == name) return id;
  Bytes id = digestOf("SM3", viewOf(name));
  id.resize(containerIdSize);
  return id;
}

Bytes objectIdOf(const Bytes& containerId, KeyRole role) {
  Bytes id = containerId;
  id.push_back(static_cast<std::uint8_t>(role));
  return id;
}

std::vector<Container> containersOf(const Application& app, const Login& login) {
  std::vector<Container> out;
  for (const auto& record : app.containers) out.push_back({record.id, record.name});
  for (const auto& object : visibleObjects(app, login)) {
    if (!isContainerObject(object)) continue;
    const Bytes id = plainBytes(object.bytes(CKA_ID).first(containerIdSize));
    if (std::none_of(out.begin(), out.end(), [&](const Container& known) { return known.id == id; })) out.push_back({id, hexOf(id)});
  }
  return out;
}

std::optional<Container> findContainer(const Application& app, const Login& login, std::string_view name) {
  for (auto& container : containersOf(app, login))
    if (container.name == name) return container;
  return std::nullopt;
}

std::optional<Object> containerObject(const Application& app, const Login& login, const Bytes& containerId, KeyRole role, CK_OBJECT_CLASS objectClass) {
  const Bytes id = objectIdOf(containerId, role);
  for (auto& object : visibleObjects(app, login))
    if (object.number(CKA_CLASS) == objectClass && sameBytes(object.bytes(CKA_ID), id)) return object;
  return std::nullopt;
}

void removeContainerObjects(Application& app, const Login& login, const Bytes& containerId) {
  for (const auto role : {KeyRole::sign, KeyRole::encrypt}) removeRole(app, login, objectIdOf(containerId, role), true, true);
}

void putKeyPair(TokenState& state, Application& app, const Login& login, const Container& container, KeyRole role, AttributeMap publicKey, AttributeMap privateKey, bool isLocal) {
  const Bytes id = objectIdOf(container.id, role);
  const bool signs = role == KeyRole::sign;
  removeRole(app, login, id, true, false);
  applyTokenKeyPolicy(privateKey, isLocal);
  publicKey[CKA_CLASS] = numberBytes(CKO_PUBLIC_KEY);
  for (const auto type : {CKA_TOKEN, CKA_MODIFIABLE, CKA_DESTROYABLE, CKA_COPYABLE}) publicKey[type] = flagBytes(true);
  publicKey[CKA_PRIVATE] = flagBytes(false);
  publicKey[CKA_LOCAL] = flagBytes(isLocal);
  for (AttributeMap* key : {&publicKey, &privateKey}) {
    (*key)[CKA_ID] = secureBytes(id);
    (*key)[CKA_LABEL] = secureBytes(viewOf(container.name));
  }
  privateKey[CKA_SIGN] = flagBytes(signs);
  publicKey[CKA_VERIFY] = flagBytes(signs);
  // The signing key also opens what is sealed to it: session keys and the envelope of the encryption key (GM/T 0016 §7.6).
  for (const auto type : {CKA_DECRYPT, CKA_UNWRAP}) privateKey[type] = flagBytes(true);
  for (const auto type : {CKA_ENCRYPT, CKA_WRAP}) publicKey[type] = flagBytes(true);
  addObject(state, app, login, privateKey);
  addObject(state, app, login, publicKey);
}

void putCertificate(TokenState& state, Application& app, const Login& login, const Container& container, KeyRole role, View der) {
  AttributeMap certificate = certificateAttributes(der);
  const Bytes id = objectIdOf(container.id, role);
  removeRole(app, login, id, false, true);
  certificate[CKA_CLASS] = numberBytes(CKO_CERTIFICATE);
  for (const auto type : {CKA_TOKEN, CKA_MODIFIABLE, CKA_DESTROYABLE, CKA_COPYABLE}) certificate[type] = flagBytes(true);
  for (const auto type : {CKA_PRIVATE, CKA_TRUSTED}) certificate[type] = flagBytes(false);
  certificate[CKA_ID] = secureBytes(id);
  certificate[CKA_LABEL] = secureBytes(viewOf(container.name));
  addObject(state, app, login, certificate);
}

}  // namespace bidkey
