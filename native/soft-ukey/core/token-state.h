/**
 * Everything one key holds, and its stored form: magic, version, body, SHA-256 of all before it.
 * Nothing here is secret in the clear: private objects and protected files are sealed under the data key, which only a PIN opens.
 */
#pragma once
#include "object.h"

namespace bidkey {

enum class PinKind { user, admin };

/** A PIN with its counter, and the application's data key wrapped under it. */
struct PinRecord {
  bool isSet = false;
  bool isDefault = false;
  bool toBeChanged = false;
  std::uint32_t maxTries = 10, triesLeft = 10;
  std::uint8_t log2N = 15;
  Bytes salt, wrappedDataKey;
};

struct SealedObject { std::uint32_t id; Bytes sealed; };
struct ContainerRecord { Bytes id; std::string name; };
/** A file; content is sealed unless anyone may read it. */
struct FileRecord { std::string name; std::uint32_t size, readRights, writeRights; bool isSealed; Bytes content; };

/** An SKF application: a world of PINs, objects and files of its own. PKCS#11 shows the first one. */
struct Application {
  std::string name;
  Bytes epoch;  // drawn anew when all is erased: logins and handles of before then count no more
  std::uint32_t createFileRights = 0xFF;
  PinRecord user, admin;
  std::vector<Object> publicObjects;
  std::vector<SealedObject> privateObjects;
  std::vector<ContainerRecord> containers;
  std::vector<FileRecord> files;

  PinRecord& pin(PinKind kind) { return kind == PinKind::user ? user : admin; }
  const PinRecord& pin(PinKind kind) const { return kind == PinKind::user ? user : admin; }
};

struct TokenState {
  std::string serial, label, model, manufacturer;
  bool isTest = false;         // only such a key obeys a fault plan
  bool claimsHardware = false; // mechanisms carry CKF_HW, as those of a hardware key do
  bool isInitialized = false;  // false: blank, waits for C_InitToken
  std::uint32_t capacityBytes = 256 * 1024;
  std::uint32_t minPinLength = 6, maxPinLength = 32;
  std::uint8_t kdfLog2N = 15;
  std::uint32_t nextObjectId = 1;
  Bytes deviceAuthKey;
  std::vector<Application> applications;

  Application& primary() { return applications.front(); }
  const Application& primary() const { return applications.front(); }
  /** @returns null when the token has no such application */
  Application* find(std::string_view name);
  const Application* find(std::string_view name) const;
  std::size_t usedBytes() const;
  std::uint32_t freeBytes() const;
};

Bytes writeTokenState(const TokenState& state);
/** @throws Failure(storeCorrupt) */
TokenState readTokenState(View file);

}  // namespace bidkey
