/**
 * Templates and the rules of attributes (§4.4 and §4.5 of the standard): what may be given when, what follows from the class of an object,
 * what may be changed later, what is never shown.
 */
#pragma once
#include "library.h"

namespace bidkey::p11 {

enum class Origin { created, generated, unwrapped };

/** Attributes as handed in. Lengths and forms are checked, duplicates refused. `forSearch`: unknown attributes are let through, they match nothing. */
AttributeMap readTemplate(const CK_ATTRIBUTE* attributes, CK_ULONG count, bool forSearch = false);

/** Refuses what may not be given for that origin. */
void requireGivable(const AttributeMap& given, Origin origin);
/** Takes a number that must be what it is expected to be if it is given (class, key type). @throws Rv(CKR_TEMPLATE_INCONSISTENT) */
void requireNumber(const AttributeMap& given, CK_ATTRIBUTE_TYPE type, CK_ULONG expected);

/** A whole private, secret or public key from a template and its key material; defaults and policy applied. */
AttributeMap completeKey(CK_OBJECT_CLASS objectClass, const AttributeMap& given, const AttributeMap& material, Origin origin, CK_MECHANISM_TYPE mechanism);
/** A whole object for C_CreateObject. */
AttributeMap completeCreated(const AttributeMap& given);

/** Checks and applies changes. @throws Rv(CKR_ATTRIBUTE_READ_ONLY) */
void applyChanges(Object& object, const AttributeMap& changes);
/** Checks and applies what C_CopyObject may change. */
void applyCopyChanges(Object& object, const AttributeMap& changes);

/** Whether that attribute of that object must not be shown. */
bool isHidden(const Object& object, CK_ATTRIBUTE_TYPE type);

}  // namespace bidkey::p11
