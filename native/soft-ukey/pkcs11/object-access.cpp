/** Looking up, storing, changing and deleting objects. */
#include "object-access.h"

namespace bidkey::p11 {

Object objectOf(Session& session, CK_OBJECT_HANDLE handle, CK_RV invalidCode) {
  Slot& slot = *session.slot;
  if ((handle & sessionObjectBit) != 0) {
    const auto found = slot.sessionObjects.find(handle);
    require(found != slot.sessionObjects.end() && (!found->second.object.isPrivate() || slot.login.isUser()), invalidCode);
    return found->second.object;
  }
  require(handle != 0 && handle < sessionObjectBit, invalidCode);
  const auto state = slot.token->read();
  auto object = findObject(state->primary(), slot.login, static_cast<std::uint32_t>(handle));
  require(object.has_value(), invalidCode);
  return std::move(*object);
}

std::vector<std::pair<CK_OBJECT_HANDLE, Object>> objectsOf(Session& session) {
  Slot& slot = *session.slot;
  std::vector<std::pair<CK_OBJECT_HANDLE, Object>> out;
  const auto state = slot.token->read();
  for (auto& object : visibleObjects(state->primary(), slot.login)) out.emplace_back(object.id, std::move(object));
  for (const auto& [handle, entry] : slot.sessionObjects)
    if (!entry.object.isPrivate() || slot.login.isUser()) out.emplace_back(handle, entry.object);
  return out;
}

static void requireStorable(const Session& session, const Object& object) {
  require(!object.flag(CKA_TOKEN) || session.isReadWrite(), CKR_SESSION_READ_ONLY);
  require(!object.isPrivate() || session.slot->login.isUser(), CKR_USER_NOT_LOGGED_IN);
}

static CK_OBJECT_HANDLE storeInSession(Library& library, Session& session, const Object& object) {
  const CK_OBJECT_HANDLE handle = sessionObjectBit | ++library.nextSessionObject;
  session.slot->sessionObjects[handle] = {object, session.handle};
  return handle;
}

CK_OBJECT_HANDLE storeObject(Library& library, Session& session, const AttributeMap& attributes) {
  const Object object{0, attributes};
  requireStorable(session, object);
  if (!object.flag(CKA_TOKEN)) return storeInSession(library, session, object);
  Token::Transaction change(*session.slot->token);
  const auto id = addObject(change.state, change.state.primary(), session.slot->login, attributes);
  change.commit();
  return id;
}

std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> storePair(Library& library, Session& session, const AttributeMap& first, const AttributeMap& second) {
  const Object objects[] = {{0, first}, {0, second}};
  for (const auto& object : objects) requireStorable(session, object);
  CK_OBJECT_HANDLE handles[2] = {0, 0};
  if (objects[0].flag(CKA_TOKEN) || objects[1].flag(CKA_TOKEN)) {
    Token::Transaction change(*session.slot->token);
    for (int i = 0; i < 2; i++)
      if (objects[i].flag(CKA_TOKEN)) handles[i] = addObject(change.state, change.state.primary(), session.slot->login, objects[i].attributes);
    change.commit();
  }
  for (int i = 0; i < 2; i++)
    if (handles[i] == 0) handles[i] = storeInSession(library, session, objects[i]);
  return {handles[0], handles[1]};
}

void overwriteObject(Session& session, CK_OBJECT_HANDLE handle, const Object& object) {
  if ((handle & sessionObjectBit) != 0) {
    session.slot->sessionObjects.at(handle).object = object;
    return;
  }
  requireStorable(session, object);
  Token::Transaction change(*session.slot->token);
  replaceObject(change.state.primary(), session.slot->login, object);
  change.commit();
}

void deleteObject(Session& session, CK_OBJECT_HANDLE handle) {
  const Object object = objectOf(session, handle);
  require(object.flag(CKA_DESTROYABLE), CKR_ACTION_PROHIBITED);
  if ((handle & sessionObjectBit) != 0) {
    session.slot->sessionObjects.erase(handle);
    return;
  }
  requireStorable(session, object);
  Token::Transaction change(*session.slot->token);
  removeObject(change.state.primary(), object.id);
  change.commit();
}

static bool allows(const Object& key, CK_MECHANISM_TYPE mechanism) {
  const View list = key.bytes(CKA_ALLOWED_MECHANISMS);
  if (list.empty()) return true;
  for (std::size_t at = 0; at + sizeof mechanism <= list.size(); at += sizeof mechanism)
    if (ByteReader(list.subspan(at, sizeof mechanism)).u64() == mechanism) return true;
  return false;
}

Object keyFor(Session& session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS objectClass, CK_KEY_TYPE keyType, CK_ATTRIBUTE_TYPE usage, CK_MECHANISM_TYPE mechanism) {
  Object key = objectOf(session, handle, CKR_KEY_HANDLE_INVALID);
  require(key.number(CKA_CLASS) == objectClass && key.number(CKA_KEY_TYPE) == keyType, CKR_KEY_TYPE_INCONSISTENT);
  require(key.flag(usage), CKR_KEY_FUNCTION_NOT_PERMITTED);
  require(allows(key, mechanism), CKR_MECHANISM_INVALID);
  return key;
}

}  // namespace bidkey::p11
