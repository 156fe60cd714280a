/** ukeyctl list: all keys of the folder, as a table or as JSON. */
#include <cstdio>
#include <iostream>

#include "../core/token-store.h"
#include "commands.h"

namespace ukeyctl {

namespace {
using namespace bidkey;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    char escaped[8];
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20) out += (std::snprintf(escaped, sizeof escaped, "\\u%04x", c), escaped);
    else out += c;
  }
  return out + "\"";
}

const char* boolean(bool value) { return value ? "true" : "false"; }

std::string pinJson(const PinRecord& pin) {
  return std::string("{\"set\":") + boolean(pin.isSet) + ",\"default\":" + boolean(pin.isDefault) + ",\"triesLeft\":" + std::to_string(pin.triesLeft) +
         ",\"maxTries\":" + std::to_string(pin.maxTries) + ",\"locked\":" + boolean(pin.isSet && pin.triesLeft == 0) + "}";
}

std::string keyJson(Token& token) {
  try {
    const auto state = token.read();
    const auto& app = state->primary();
    return "{\"serial\":" + quoted(state->serial) + ",\"label\":" + quoted(state->label) + ",\"model\":" + quoted(state->model) + ",\"manufacturer\":" + quoted(state->manufacturer) +
           ",\"present\":" + boolean(token.plug().isPresent) + ",\"test\":" + boolean(state->isTest) + ",\"initialized\":" + boolean(state->isInitialized) +
           ",\"application\":" + quoted(app.name) + ",\"userPin\":" + pinJson(app.user) + ",\"adminPin\":" + pinJson(app.admin) +
           ",\"publicObjects\":" + std::to_string(app.publicObjects.size()) + ",\"privateObjects\":" + std::to_string(app.privateObjects.size()) +
           ",\"capacityBytes\":" + std::to_string(state->capacityBytes) + ",\"freeBytes\":" + std::to_string(state->freeBytes()) + "}";
  } catch (const Failure&) {
    return "{\"serial\":" + quoted(token.serial()) + ",\"damaged\":true}";
  }
}

void printRow(Token& token) {
  try {
    const auto state = token.read();
    const auto& user = state->primary().user;
    std::printf("%-16s  %-20s  %-12s  %-7s  PIN %u/%u%s  %u bytes free%s\n", state->serial.c_str(), state->label.c_str(), state->model.c_str(), token.plug().isPresent ? "present" : "absent",
                user.triesLeft, user.maxTries, user.isSet && user.triesLeft == 0 ? " LOCKED" : "", state->freeBytes(), state->isTest ? "  (test key)" : "");
  } catch (const Failure&) {
    std::printf("%-16s  damaged key file\n", token.serial().c_str());
  }
}
}  // namespace

void listKeys(const Options& options) {
  const auto serials = serialsIn(tokenFolder());
  if (!options.has("--json")) {
    for (const auto& serial : serials) printRow(*tokenOf(serial));
    return;
  }
  std::string out;
  for (const auto& serial : serials) out += (out.empty() ? "" : ",\n ") + keyJson(*tokenOf(serial));
  std::cout << "[" << out << "]\n";
}

}  // namespace ukeyctl
