/**
 * SKF containers as a view of PKCS#11 objects. A container has a 16-byte id; its objects carry CKA_ID = id ‖ role (01 signing, 02 encryption).
 * A container named by 32 hex digits has those 16 bytes as id (BidKey's own); any other name gets the first half of its SM3.
 */
#pragma once
#include "vault.h"

namespace bidkey {

enum class KeyRole : std::uint8_t { sign = 1, encrypt = 2 };

struct Container { Bytes id; std::string name; };

Bytes containerIdOfName(std::string_view name);
Bytes objectIdOf(const Bytes& containerId, KeyRole role);
/** Recorded containers, and those that exist only as objects made through PKCS#11. */
std::vector<Container> containersOf(const Application& app, const Login& login);
/** @returns nullopt when there is none of that name */
std::optional<Container> findContainer(const Application& app, const Login& login, std::string_view name);

std::optional<Object> containerObject(const Application& app, const Login& login, const Bytes& containerId, KeyRole role, CK_OBJECT_CLASS objectClass);
void removeContainerObjects(Application& app, const Login& login, const Bytes& containerId);
/** Puts a key pair in, in place of the one of that role. */
void putKeyPair(TokenState& state, Application& app, const Login& login, const Container& container, KeyRole role, AttributeMap publicKey, AttributeMap privateKey, bool isLocal);
void putCertificate(TokenState& state, Application& app, const Login& login, const Container& container, KeyRole role, View der);

}  // namespace bidkey
