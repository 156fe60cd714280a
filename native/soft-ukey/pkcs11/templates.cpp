/** The attribute table and the rules that follow from it. */
#include "templates.h"

#include <algorithm>

#include "../core/key-objects.h"

namespace bidkey::p11 {

namespace {
enum class Kind { boolean, number, date, bytes };
enum Given : unsigned { never = 0, create = 1, generate = 2, unwrap = 4, modify = 8, born = create | generate | unwrap, any = born | modify };

struct AttributeRule { CK_ATTRIBUTE_TYPE type; Kind kind; unsigned given; };

constexpr AttributeRule rules[] = {
    {CKA_CLASS, Kind::number, born}, {CKA_TOKEN, Kind::boolean, born}, {CKA_PRIVATE, Kind::boolean, born}, {CKA_MODIFIABLE, Kind::boolean, born},
    {CKA_COPYABLE, Kind::boolean, born}, {CKA_DESTROYABLE, Kind::boolean, born}, {CKA_LABEL, Kind::bytes, any}, {CKA_APPLICATION, Kind::bytes, create},
    {CKA_OBJECT_ID, Kind::bytes, create}, {CKA_VALUE, Kind::bytes, create}, {CKA_CERTIFICATE_TYPE, Kind::number, create}, {CKA_CERTIFICATE_CATEGORY, Kind::number, create},
    {CKA_ISSUER, Kind::bytes, create}, {CKA_SERIAL_NUMBER, Kind::bytes, create}, {CKA_SUBJECT, Kind::bytes, any}, {CKA_TRUSTED, Kind::boolean, create},
    {CKA_CHECK_VALUE, Kind::bytes, create}, {CKA_START_DATE, Kind::date, any}, {CKA_END_DATE, Kind::date, any}, {CKA_PUBLIC_KEY_INFO, Kind::bytes, create},
    {CKA_KEY_TYPE, Kind::number, born}, {CKA_ID, Kind::bytes, any}, {CKA_SENSITIVE, Kind::boolean, any}, {CKA_EXTRACTABLE, Kind::boolean, any},
    {CKA_ENCRYPT, Kind::boolean, any}, {CKA_DECRYPT, Kind::boolean, any}, {CKA_WRAP, Kind::boolean, any}, {CKA_UNWRAP, Kind::boolean, any}, {CKA_SIGN, Kind::boolean, any},
    {CKA_SIGN_RECOVER, Kind::boolean, any}, {CKA_VERIFY, Kind::boolean, any}, {CKA_VERIFY_RECOVER, Kind::boolean, any}, {CKA_DERIVE, Kind::boolean, any},
    {CKA_WRAP_WITH_TRUSTED, Kind::boolean, born}, {CKA_ALWAYS_AUTHENTICATE, Kind::boolean, born}, {CKA_ALLOWED_MECHANISMS, Kind::bytes, born},
    {CKA_MODULUS, Kind::bytes, create}, {CKA_MODULUS_BITS, Kind::number, generate}, {CKA_PUBLIC_EXPONENT, Kind::bytes, create | generate},
    {CKA_PRIVATE_EXPONENT, Kind::bytes, create}, {CKA_PRIME_1, Kind::bytes, create}, {CKA_PRIME_2, Kind::bytes, create}, {CKA_EXPONENT_1, Kind::bytes, create},
    {CKA_EXPONENT_2, Kind::bytes, create}, {CKA_COEFFICIENT, Kind::bytes, create}, {CKA_EC_PARAMS, Kind::bytes, born}, {CKA_EC_POINT, Kind::bytes, create},
    {CKA_VALUE_LEN, Kind::number, generate | unwrap}, {CKA_LOCAL, Kind::boolean, never}, {CKA_ALWAYS_SENSITIVE, Kind::boolean, never}, {CKA_NEVER_EXTRACTABLE, Kind::boolean, never},
    {CKA_KEY_GEN_MECHANISM, Kind::number, never},
};

constexpr CK_ATTRIBUTE_TYPE secretParts[] = {CKA_VALUE, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT};
constexpr CK_ULONG maxAttributeBytes = 64 * 1024, maxAttributes = 128;

const AttributeRule* ruleOf(CK_ATTRIBUTE_TYPE type) {
  const auto found = std::find_if(std::begin(rules), std::end(rules), [&](const AttributeRule& rule) { return rule.type == type; });
  return found == std::end(rules) ? nullptr : found;
}

void requireForm(const AttributeRule& rule, View value) {
  const bool fits = rule.kind == Kind::boolean ? value.size() == 1 && value[0] <= 1
                    : rule.kind == Kind::number ? value.size() == sizeof(CK_ULONG)
                    : rule.kind == Kind::date   ? value.empty() || value.size() == sizeof(CK_DATE)
                                                : true;
  require(fits, CKR_ATTRIBUTE_VALUE_INVALID);
}

unsigned originBit(Origin origin) { return origin == Origin::created ? create : origin == Origin::generated ? generate : unwrap; }

bool isSecretClass(CK_ULONG objectClass) { return objectClass == CKO_PRIVATE_KEY || objectClass == CKO_SECRET_KEY; }

void setDefault(Object& object, CK_ATTRIBUTE_TYPE type, bool value) {
  if (!object.has(type)) object.setFlag(type, value);
}

void applyCommonDefaults(Object& object) {
  setDefault(object, CKA_TOKEN, false);
  setDefault(object, CKA_PRIVATE, isSecretClass(object.number(CKA_CLASS)));
  for (const auto type : {CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE}) setDefault(object, type, true);
  if (!object.has(CKA_LABEL)) object.set(CKA_LABEL, {});
}

/** Nothing secret may lie on the token in the clear, and no private key of the token may ever leave it. */
void requirePolicy(const Object& object) {
  if (!object.flag(CKA_TOKEN) || !isSecretClass(object.number(CKA_CLASS))) return;
  require(object.isPrivate(), CKR_TEMPLATE_INCONSISTENT);
  if (object.number(CKA_CLASS) == CKO_PRIVATE_KEY) require(object.flag(CKA_SENSITIVE) && !object.flag(CKA_EXTRACTABLE), CKR_TEMPLATE_INCONSISTENT);
}

void applyKeyDefaults(Object& key, Origin origin) {
  const auto objectClass = key.number(CKA_CLASS);
  const bool secret = objectClass == CKO_SECRET_KEY, isPublic = objectClass == CKO_PUBLIC_KEY, local = origin == Origin::generated;
  if (!key.has(CKA_ID)) key.set(CKA_ID, {});
  if (!isPublic)
    for (const auto type : {CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP}) setDefault(key, type, true);
  if (secret || isPublic)
    for (const auto type : {CKA_ENCRYPT, CKA_VERIFY, CKA_WRAP}) setDefault(key, type, true);
  setDefault(key, CKA_DERIVE, false);
  key.setFlag(CKA_LOCAL, local);
  if (isPublic) return;
  setDefault(key, CKA_SENSITIVE, true);
  setDefault(key, CKA_EXTRACTABLE, false);
  setDefault(key, CKA_WRAP_WITH_TRUSTED, false);
  if (!secret) setDefault(key, CKA_ALWAYS_AUTHENTICATE, false);
  require(!key.flag(CKA_ALWAYS_AUTHENTICATE), CKR_TEMPLATE_INCONSISTENT);
  key.setFlag(CKA_ALWAYS_SENSITIVE, local && key.flag(CKA_SENSITIVE));
  key.setFlag(CKA_NEVER_EXTRACTABLE, local && !key.flag(CKA_EXTRACTABLE));
}

AttributeMap only(const AttributeMap& given, std::initializer_list<CK_ATTRIBUTE_TYPE> types) {
  AttributeMap out;
  for (const auto type : types)
    if (const auto found = given.find(type); found != given.end()) out.insert(*found);
  return out;
}

AttributeMap createdCertificate(const AttributeMap& given) {
  require(given.count(CKA_CERTIFICATE_TYPE) != 0 && given.count(CKA_VALUE) != 0, CKR_TEMPLATE_INCOMPLETE);
  requireNumber(given, CKA_CERTIFICATE_TYPE, CKC_X_509);
  Object object{0, given};
  // Only the administrator could vouch for a certificate, and this token has no use for it.
  require(!object.flag(CKA_TRUSTED), CKR_ATTRIBUTE_READ_ONLY);
  object.setFlag(CKA_TRUSTED, false);
  for (const auto& [type, value] : certificateAttributes(object.bytes(CKA_VALUE)))
    if (object.bytes(type).empty()) object.attributes[type] = value;
  if (!object.has(CKA_ID)) object.set(CKA_ID, {});
  applyCommonDefaults(object);
  return object.attributes;
}

AttributeMap createdPublicKey(const AttributeMap& given, CK_KEY_TYPE keyType) {
  const Object object{0, given};
  if (keyType == CKK_RSA) {
    require(!object.bytes(CKA_MODULUS).empty() && !object.bytes(CKA_PUBLIC_EXPONENT).empty(), CKR_TEMPLATE_INCOMPLETE);
    AttributeMap material = publicAttributes(rsaPublicOfObject(object));
    const auto bits = Object{0, material}.number(CKA_MODULUS_BITS);
    require(bits >= 1024 && bits <= 4096, CKR_ATTRIBUTE_VALUE_INVALID);
    return completeKey(CKO_PUBLIC_KEY, given, material, Origin::created, CK_UNAVAILABLE_INFORMATION);
  }
  require(keyType == CKK_SM2, CKR_TEMPLATE_INCONSISTENT);
  require(!object.bytes(CKA_EC_POINT).empty(), CKR_TEMPLATE_INCOMPLETE);
  require(!object.has(CKA_EC_PARAMS) || sameBytes(object.bytes(CKA_EC_PARAMS), sm2CurveOidDer), CKR_ATTRIBUTE_VALUE_INVALID);
  return completeKey(CKO_PUBLIC_KEY, given, publicAttributes(sm2PublicOfObject(object)), Origin::created, CK_UNAVAILABLE_INFORMATION);
}

AttributeMap createdSecretKey(const AttributeMap& given, CK_KEY_TYPE keyType) {
  const Object object{0, given};
  const auto size = object.bytes(CKA_VALUE).size();
  require(size > 0, CKR_TEMPLATE_INCOMPLETE);
  const bool fits = keyType == CKK_AES ? size == 16 || size == 24 || size == 32 : keyType == CKK_SM4 ? size == 16 : keyType == CKK_GENERIC_SECRET && size <= 512;
  require(fits, CKR_ATTRIBUTE_VALUE_INVALID);
  return completeKey(CKO_SECRET_KEY, given, only(given, {CKA_VALUE, CKA_KEY_TYPE}), Origin::created, CK_UNAVAILABLE_INFORMATION);
}
}  // namespace

AttributeMap readTemplate(const CK_ATTRIBUTE* attributes, CK_ULONG count, bool forSearch) {
  require(attributes != nullptr || count == 0, CKR_ARGUMENTS_BAD);
  require(count <= maxAttributes, CKR_ARGUMENTS_BAD);
  AttributeMap out;
  for (CK_ULONG i = 0; i < count; i++) {
    const auto& [type, data, size] = attributes[i];
    const AttributeRule* rule = ruleOf(type);
    require(rule != nullptr || forSearch, CKR_ATTRIBUTE_TYPE_INVALID);
    require(size <= maxAttributeBytes && (data != nullptr || size == 0), CKR_ATTRIBUTE_VALUE_INVALID);
    const View value(static_cast<const std::uint8_t*>(data), size);
    if (rule != nullptr && !forSearch) requireForm(*rule, value);
    const bool isNew = out.emplace(type, secureBytes(value)).second;
    require(isNew || forSearch, CKR_TEMPLATE_INCONSISTENT);
  }
  return out;
}

void requireGivable(const AttributeMap& given, Origin origin) {
  for (const auto& [type, value] : given) require((ruleOf(type)->given & originBit(origin)) != 0, ruleOf(type)->given == never ? CKR_ATTRIBUTE_READ_ONLY : CKR_TEMPLATE_INCONSISTENT);
}

void requireNumber(const AttributeMap& given, CK_ATTRIBUTE_TYPE type, CK_ULONG expected) {
  const Object object{0, given};
  require(!object.has(type) || object.number(type) == expected, CKR_TEMPLATE_INCONSISTENT);
}

AttributeMap completeKey(CK_OBJECT_CLASS objectClass, const AttributeMap& given, const AttributeMap& material, Origin origin, CK_MECHANISM_TYPE mechanism) {
  Object key{0, given};
  key.attributes.erase(CKA_VALUE_LEN);
  for (const auto& [type, value] : material) key.attributes[type] = value;
  key.setNumber(CKA_CLASS, objectClass);
  applyCommonDefaults(key);
  applyKeyDefaults(key, origin);
  key.setNumber(CKA_KEY_GEN_MECHANISM, origin == Origin::generated ? mechanism : CK_UNAVAILABLE_INFORMATION);
  if (objectClass == CKO_SECRET_KEY) key.setNumber(CKA_VALUE_LEN, key.bytes(CKA_VALUE).size());
  requirePolicy(key);
  return key.attributes;
}

AttributeMap completeCreated(const AttributeMap& given) {
  requireGivable(given, Origin::created);
  Object object{0, given};
  require(object.has(CKA_CLASS), CKR_TEMPLATE_INCOMPLETE);
  const auto objectClass = object.number(CKA_CLASS);
  const auto keyType = object.number(CKA_KEY_TYPE);
  switch (objectClass) {
    case CKO_DATA:
      applyCommonDefaults(object);
      for (const auto type : {CKA_APPLICATION, CKA_OBJECT_ID, CKA_VALUE})
        if (!object.has(type)) object.set(type, {});
      return object.attributes;
    case CKO_CERTIFICATE: return createdCertificate(given);
    case CKO_PUBLIC_KEY: require(object.has(CKA_KEY_TYPE), CKR_TEMPLATE_INCOMPLETE); return createdPublicKey(given, keyType);
    case CKO_SECRET_KEY: require(object.has(CKA_KEY_TYPE), CKR_TEMPLATE_INCOMPLETE); return createdSecretKey(given, keyType);
    // A private key in the clear has already been seen outside: it comes enveloped or wrapped, or not at all.
    case CKO_PRIVATE_KEY: throw Rv{CKR_TEMPLATE_INCONSISTENT};
    default: throw Rv{CKR_ATTRIBUTE_VALUE_INVALID};
  }
}

static void applyOneChange(Object& object, CK_ATTRIBUTE_TYPE type, View value) {
  // Sensitive may only become true, extractable only false (§4.9, table 22).
  if (type == CKA_SENSITIVE) require(value[0] == 1 || !object.flag(CKA_SENSITIVE), CKR_ATTRIBUTE_READ_ONLY);
  if (type == CKA_EXTRACTABLE) require(value[0] == 0 || object.flag(CKA_EXTRACTABLE), CKR_ATTRIBUTE_READ_ONLY);
  require(object.has(type) || type == CKA_SUBJECT || type == CKA_START_DATE || type == CKA_END_DATE || type == CKA_LABEL || type == CKA_ID, CKR_ATTRIBUTE_TYPE_INVALID);
  object.set(type, value);
}

void applyChanges(Object& object, const AttributeMap& changes) {
  require(object.flag(CKA_MODIFIABLE), CKR_ACTION_PROHIBITED);
  for (const auto& [type, value] : changes) {
    require((ruleOf(type)->given & modify) != 0, CKR_ATTRIBUTE_READ_ONLY);
    applyOneChange(object, type, value);
  }
}

void applyCopyChanges(Object& object, const AttributeMap& changes) {
  require(object.flag(CKA_COPYABLE), CKR_ACTION_PROHIBITED);
  for (const auto& [type, value] : changes) {
    if (type == CKA_PRIVATE) require(value[0] == 1 || !object.isPrivate(), CKR_TEMPLATE_INCONSISTENT);
    const bool copyOnly = type == CKA_TOKEN || type == CKA_PRIVATE || type == CKA_MODIFIABLE || type == CKA_DESTROYABLE || type == CKA_COPYABLE;
    if (copyOnly) {
      object.set(type, value);
      continue;
    }
    require((ruleOf(type)->given & modify) != 0, CKR_ATTRIBUTE_READ_ONLY);
    applyOneChange(object, type, value);
  }
  requirePolicy(object);
}

bool isHidden(const Object& object, CK_ATTRIBUTE_TYPE type) {
  if (!isSecretClass(object.number(CKA_CLASS))) return false;
  const bool secret = std::find(std::begin(secretParts), std::end(secretParts), type) != std::end(secretParts);
  return secret && (object.flag(CKA_SENSITIVE) || !object.flag(CKA_EXTRACTABLE));
}

}  // namespace bidkey::p11
