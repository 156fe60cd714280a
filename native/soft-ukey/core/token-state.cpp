/** The stored form of a key. Every field is written and read in the same order; a reader that meets anything else refuses. */
#include "token-state.h"

#include "crypto.h"

namespace bidkey {

namespace {
constexpr std::string_view magic = "BIDKEY-UKEY";
constexpr std::uint32_t formatVersion = 1;
using Writer = ByteWriter<Bytes>;

void writePin(Writer& out, const PinRecord& pin) {
  out.flag(pin.isSet);
  out.flag(pin.isDefault);
  out.flag(pin.toBeChanged);
  out.u32(pin.maxTries);
  out.u32(pin.triesLeft);
  out.u8(pin.log2N);
  out.bytes(pin.salt);
  out.bytes(pin.wrappedDataKey);
}

PinRecord readPin(ByteReader& in) {
  PinRecord pin;
  pin.isSet = in.flag();
  pin.isDefault = in.flag();
  pin.toBeChanged = in.flag();
  pin.maxTries = in.u32();
  pin.triesLeft = in.u32();
  pin.log2N = in.u8();
  pin.salt = plainBytes(in.bytes());
  pin.wrappedDataKey = plainBytes(in.bytes());
  return pin;
}

void writeApplication(Writer& out, const Application& app) {
  out.text(app.name);
  out.bytes(app.epoch);
  out.u32(app.createFileRights);
  writePin(out, app.user);
  writePin(out, app.admin);
  out.u32(static_cast<std::uint32_t>(app.publicObjects.size()));
  for (const auto& object : app.publicObjects) {
    out.u32(object.id);
    out.raw(writeAttributes(object.attributes));
  }
  out.u32(static_cast<std::uint32_t>(app.privateObjects.size()));
  for (const auto& object : app.privateObjects) {
    out.u32(object.id);
    out.bytes(object.sealed);
  }
  out.u32(static_cast<std::uint32_t>(app.containers.size()));
  for (const auto& container : app.containers) {
    out.bytes(container.id);
    out.text(container.name);
  }
  out.u32(static_cast<std::uint32_t>(app.files.size()));
  for (const auto& file : app.files) {
    out.text(file.name);
    out.u32(file.size);
    out.u32(file.readRights);
    out.u32(file.writeRights);
    out.flag(file.isSealed);
    out.bytes(file.content);
  }
}

Application readApplication(ByteReader& in) {
  Application app;
  app.name = in.text();
  app.epoch = plainBytes(in.bytes());
  app.createFileRights = in.u32();
  app.user = readPin(in);
  app.admin = readPin(in);
  for (auto left = in.count(); left > 0; left--) {
    const auto id = in.u32();
    app.publicObjects.push_back({id, readAttributes(in)});
  }
  for (auto left = in.count(); left > 0; left--) {
    const auto id = in.u32();
    app.privateObjects.push_back({id, plainBytes(in.bytes())});
  }
  for (auto left = in.count(); left > 0; left--) {
    Bytes id = plainBytes(in.bytes());
    app.containers.push_back({std::move(id), in.text()});
  }
  for (auto left = in.count(); left > 0; left--) {
    FileRecord file;
    file.name = in.text();
    file.size = in.u32();
    file.readRights = in.u32();
    file.writeRights = in.u32();
    file.isSealed = in.flag();
    file.content = plainBytes(in.bytes());
    app.files.push_back(std::move(file));
  }
  return app;
}
}  // namespace

Application* TokenState::find(std::string_view name) {
  for (auto& app : applications)
    if (app.name == name) return &app;
  return nullptr;
}

const Application* TokenState::find(std::string_view name) const { return const_cast<TokenState*>(this)->find(name); }

std::size_t TokenState::usedBytes() const {
  std::size_t used = 0;
  for (const auto& app : applications) {
    for (const auto& object : app.publicObjects) used += objectSize(object.attributes);
    for (const auto& object : app.privateObjects) used += object.sealed.size();
    for (const auto& container : app.containers) used += 32 + container.name.size();
    for (const auto& file : app.files) used += 64 + file.size;
  }
  return used;
}

std::uint32_t TokenState::freeBytes() const {
  const auto used = usedBytes();
  return used >= capacityBytes ? 0 : static_cast<std::uint32_t>(capacityBytes - used);
}

Bytes writeTokenState(const TokenState& state) {
  Writer out;
  out.raw(viewOf(magic));
  out.u32(formatVersion);
  out.text(state.serial);
  out.text(state.label);
  out.text(state.model);
  out.text(state.manufacturer);
  out.flag(state.isTest);
  out.flag(state.claimsHardware);
  out.flag(state.isInitialized);
  out.u32(state.capacityBytes);
  out.u32(state.minPinLength);
  out.u32(state.maxPinLength);
  out.u8(state.kdfLog2N);
  out.u32(state.nextObjectId);
  out.bytes(state.deviceAuthKey);
  out.u32(static_cast<std::uint32_t>(state.applications.size()));
  for (const auto& app : state.applications) writeApplication(out, app);
  Bytes file = out.take();
  append(file, digestOf("SHA256", file));
  return file;
}

TokenState readTokenState(View file) {
  constexpr std::size_t checksumSize = 32;
  if (file.size() < checksumSize || !sameBytes(digestOf("SHA256", file.first(file.size() - checksumSize)), file.last(checksumSize))) throw Failure(Fail::storeCorrupt);
  ByteReader in(file.first(file.size() - checksumSize));
  if (!sameBytes(in.raw(magic.size()), viewOf(magic)) || in.u32() != formatVersion) throw Failure(Fail::storeCorrupt);
  TokenState state;
  state.serial = in.text();
  state.label = in.text();
  state.model = in.text();
  state.manufacturer = in.text();
  state.isTest = in.flag();
  state.claimsHardware = in.flag();
  state.isInitialized = in.flag();
  state.capacityBytes = in.u32();
  state.minPinLength = in.u32();
  state.maxPinLength = in.u32();
  state.kdfLog2N = in.u8();
  state.nextObjectId = in.u32();
  state.deviceAuthKey = plainBytes(in.bytes());
  for (auto left = in.count(); left > 0; left--) state.applications.push_back(readApplication(in));
  if (!in.atEnd() || state.applications.empty()) throw Failure(Fail::storeCorrupt);
  return state;
}

}  // namespace bidkey
