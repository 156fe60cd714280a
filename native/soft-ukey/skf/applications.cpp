/** GM/T 0016 §7.3 Application management. */
#include "state.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
constexpr std::size_t maxNameBytes = 32, maxApplications = 16;

/** A blank key has an application without PINs that nobody can open. */
bool exists(const Application* app) { return app != nullptr && app->admin.isSet; }

Application blankApplication(const Application& before) {
  Application blank;
  blank.name = before.name;
  blank.epoch = plainBytes(randomBytes(16));
  return blank;
}
}  // namespace

ULONG SKF_CreateApplication(DEVHANDLE hDev, LPSTR szAppName, LPSTR szAdminPin, ULONG dwAdminPinRetryCount, LPSTR szUserPin, ULONG dwUserPinRetryCount, ULONG dwCreateFileRights, HAPPLICATION* phApp) {
  return withDevice("SKF_CreateApplication", hDev, [&](const auto& device) {
    require(phApp != nullptr, SAR_INVALIDPARAMERR);
    const std::string name = nameOf(szAppName, maxNameBytes, SAR_APPLICATION_NAME_INVALID);
    const View adminPin = pinOf(szAdminPin), userPin = pinOf(szUserPin);
    require(dwAdminPinRetryCount >= 1 && dwAdminPinRetryCount <= 255 && dwUserPinRetryCount >= 1 && dwUserPinRetryCount <= 255, SAR_INVALIDPARAMERR);
    require(device->isAuthenticated, SAR_USER_NOT_LOGGED_IN);
    Token::Transaction change(*device->token);
    auto& state = change.state;
    require(!exists(state.find(name)), SAR_APPLICATION_EXISTS);
    require(state.applications.size() < maxApplications, SAR_NO_ROOM);
    Application made = makeApplication(state, name, adminPin, dwAdminPinRetryCount, userPin, dwUserPinRetryCount);
    made.createFileRights = dwCreateFileRights;
    if (!exists(&state.primary())) state.primary() = std::move(made);
    else state.applications.push_back(std::move(made));
    state.isInitialized = true;
    change.commit();
    *phApp = Handles::get().add(std::make_shared<App>(App{device, name, {}}));
  });
}

ULONG SKF_EnumApplication(DEVHANDLE hDev, LPSTR szAppName, ULONG* pulSize) {
  return withDevice("SKF_EnumApplication", hDev, [&](const auto& device) {
    std::vector<std::string> names;
    const auto state = device->token->read();
    for (const auto& app : state->applications)
      if (exists(&app)) names.push_back(app.name);
    giveNames(names, szAppName, pulSize);
  });
}

ULONG SKF_DeleteApplication(DEVHANDLE hDev, LPSTR szAppName) {
  return withDevice("SKF_DeleteApplication", hDev, [&](const auto& device) {
    const std::string name = nameOf(szAppName, maxNameBytes, SAR_APPLICATION_NAME_INVALID);
    require(device->isAuthenticated, SAR_USER_NOT_LOGGED_IN);
    Token::Transaction change(*device->token);
    auto& state = change.state;
    require(exists(state.find(name)), SAR_APPLICATION_NOT_EXISTS);
    if (state.applications.size() == 1) {
      state.primary() = blankApplication(state.primary());
      state.isInitialized = false;
    } else {
      std::erase_if(state.applications, [&](const Application& app) { return app.name == name; });
    }
    change.commit();
  });
}

ULONG SKF_OpenApplication(DEVHANDLE hDev, LPSTR szAppName, HAPPLICATION* phApp) {
  return withDevice("SKF_OpenApplication", hDev, [&](const auto& device) {
    require(phApp != nullptr, SAR_INVALIDPARAMERR);
    const std::string name = nameOf(szAppName, maxNameBytes, SAR_APPLICATION_NAME_INVALID);
    require(exists(device->token->read()->find(name)), SAR_APPLICATION_NOT_EXISTS);
    *phApp = Handles::get().add(std::make_shared<App>(App{device, name, {}}));
  });
}

ULONG SKF_CloseApplication(HAPPLICATION hApp) {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    const auto app = Handles::get().find<App>(hApp);
    strike(*app->device->token, "SKF_CloseApplication");
    Handles::get().removeOf(*app);
  });
}
