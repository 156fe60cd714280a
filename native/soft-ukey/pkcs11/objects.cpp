/** §5.7 Object management functions. */
#include <algorithm>

#include "object-access.h"

using namespace bidkey;
using namespace bidkey::p11;

CK_RV C_CreateObject(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE* phObject) {
  return withSession("C_CreateObject", hSession, [&](Library& library, Session& session) {
    require(phObject != nullptr, CKR_ARGUMENTS_BAD);
    *phObject = storeObject(library, session, completeCreated(readTemplate(pTemplate, ulCount)));
  });
}

CK_RV C_CopyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE* phNewObject) {
  return withSession("C_CopyObject", hSession, [&](Library& library, Session& session) {
    require(phNewObject != nullptr, CKR_ARGUMENTS_BAD);
    Object copy = objectOf(session, hObject);
    applyCopyChanges(copy, readTemplate(pTemplate, ulCount));
    *phNewObject = storeObject(library, session, copy.attributes);
  });
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject) {
  return withSession("C_DestroyObject", hSession, [&](Library&, Session& session) { deleteObject(session, hObject); });
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ULONG_PTR pulSize) {
  return withSession("C_GetObjectSize", hSession, [&](Library&, Session& session) {
    require(pulSize != nullptr, CKR_ARGUMENTS_BAD);
    *pulSize = objectSize(objectOf(session, hObject).attributes);
  });
}

/** One attribute out. @returns the code of this one; the call goes on with the rest (§5.7 C_GetAttributeValue) */
static CK_RV giveAttribute(const Object& object, CK_ATTRIBUTE& attribute) {
  const bool hidden = isHidden(object, attribute.type);
  if (hidden || !object.has(attribute.type)) {
    attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return hidden ? CKR_ATTRIBUTE_SENSITIVE : CKR_ATTRIBUTE_TYPE_INVALID;
  }
  const View value = object.bytes(attribute.type);
  const CK_ULONG room = attribute.ulValueLen;
  if (attribute.pValue != nullptr && room < value.size()) {
    attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return CKR_BUFFER_TOO_SMALL;
  }
  attribute.ulValueLen = value.size();
  if (attribute.pValue != nullptr && !value.empty()) std::memcpy(attribute.pValue, value.data(), value.size());
  return CKR_OK;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
  return withSession("C_GetAttributeValue", hSession, [&](Library&, Session& session) {
    require(pTemplate != nullptr && ulCount > 0, CKR_ARGUMENTS_BAD);
    const Object object = objectOf(session, hObject);
    CK_RV worst = CKR_OK;
    for (CK_ULONG i = 0; i < ulCount; i++)
      if (const CK_RV one = giveAttribute(object, pTemplate[i]); one != CKR_OK) worst = one;
    require(worst == CKR_OK, worst);
  });
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
  return withSession("C_SetAttributeValue", hSession, [&](Library&, Session& session) {
    const AttributeMap changes = readTemplate(pTemplate, ulCount);
    Object object = objectOf(session, hObject);
    applyChanges(object, changes);
    overwriteObject(session, hObject, object);
  });
}

static bool matches(const Object& object, const AttributeMap& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
    // A search must not tell what a sensitive value is.
    return object.has(entry.first) && !isHidden(object, entry.first) && sameBytes(object.bytes(entry.first), entry.second);
  });
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
  return withSession("C_FindObjectsInit", hSession, [&](Library&, Session& session) {
    require(!session.operations.find, CKR_OPERATION_ACTIVE);
    const AttributeMap wanted = readTemplate(pTemplate, ulCount, true);
    FindOperation find;
    for (const auto& [handle, object] : objectsOf(session))
      if (matches(object, wanted)) find.found.push_back(handle);
    session.operations.find = std::move(find);
  });
}

CK_RV C_FindObjects(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE* phObject, CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount) {
  return withSession("C_FindObjects", hSession, [&](Library&, Session& session) {
    require(phObject != nullptr && pulObjectCount != nullptr, CKR_ARGUMENTS_BAD);
    require(session.operations.find.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    auto& [found, next] = *session.operations.find;
    const CK_ULONG count = std::min<CK_ULONG>(ulMaxObjectCount, found.size() - next);
    std::copy_n(found.begin() + static_cast<std::ptrdiff_t>(next), count, phObject);
    next += count;
    *pulObjectCount = count;
  });
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE hSession) {
  return withSession("C_FindObjectsFinal", hSession, [&](Library&, Session& session) {
    require(session.operations.find.has_value(), CKR_OPERATION_NOT_INITIALIZED);
    session.operations.find.reset();
  });
}
