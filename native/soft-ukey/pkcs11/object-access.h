/** Objects by handle, on the token and in the session, under the login of the slot. Handles of session objects have bit 30 set. */
#pragma once
#include "templates.h"

namespace bidkey::p11 {

inline constexpr CK_OBJECT_HANDLE sessionObjectBit = 1UL << 30;

/** @throws Rv(invalidCode) when there is none or it may not be seen */
Object objectOf(Session& session, CK_OBJECT_HANDLE handle, CK_RV invalidCode = CKR_OBJECT_HANDLE_INVALID);
/** All visible objects of that session with their handles. */
std::vector<std::pair<CK_OBJECT_HANDLE, Object>> objectsOf(Session& session);

/** Stores a complete object where CKA_TOKEN says. @throws Rv for a read-only session or a private object without login */
CK_OBJECT_HANDLE storeObject(Library& library, Session& session, const AttributeMap& attributes);
/** Stores two as one change: both are there or none. */
std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> storePair(Library& library, Session& session, const AttributeMap& first, const AttributeMap& second);
void overwriteObject(Session& session, CK_OBJECT_HANDLE handle, const Object& object);
void deleteObject(Session& session, CK_OBJECT_HANDLE handle);

/** A key for an operation: its usage flag set, the mechanism among the allowed ones. */
Object keyFor(Session& session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS objectClass, CK_KEY_TYPE keyType, CK_ATTRIBUTE_TYPE usage, CK_MECHANISM_TYPE mechanism);

}  // namespace bidkey::p11
