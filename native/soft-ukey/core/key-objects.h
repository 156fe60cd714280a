/**
 * Keys and certificates as objects: which attributes carry which part of a key, and back. Used by both faces, so that a key
 * made through one is the same object seen through the other.
 */
#pragma once
#include "object.h"
#include "rsa.h"
#include "sm2.h"

namespace bidkey {

/** Parts of a key pair as attributes; policy (sensitive, private, usages) is the caller's. */
AttributeMap publicAttributes(const Sm2Public& pub);
AttributeMap privateAttributes(const Sm2KeyPair& pair);
AttributeMap publicAttributes(const RsaPublic& pub);
AttributeMap privateAttributes(const RsaKeyPair& pair);

Sm2KeyPair sm2PairOf(const Object& privateKey);
Sm2Public sm2PublicOfObject(const Object& key);
RsaKeyPair rsaPairOf(const Object& privateKey);
RsaPublic rsaPublicOfObject(const Object& key);

/** Subject, issuer and serial number of a certificate as attributes. @throws Failure(certificateInvalid) */
AttributeMap certificateAttributes(View der);

/** Everything a key that was born or received inside the token carries: private, sensitive, never out. */
void applyTokenKeyPolicy(AttributeMap& privateKey, bool isLocal);

/** PKCS#8 PrivateKeyInfo of a key, for wrapping. */
SecureBytes pkcs8Of(const Object& privateKey);
/** Attributes of the key in a PKCS#8 (RSA, or EC on the SM2 curve); CKA_KEY_TYPE is among them. @throws Failure(keyInvalid) */
AttributeMap attributesFromPkcs8(View der);

}  // namespace bidkey
