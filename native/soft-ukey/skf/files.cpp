/** GM/T 0016 §7.4 File management. A file that not everyone may read is sealed like a private object. */
#include <algorithm>

#include "state.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
constexpr std::size_t maxNameBytes = 32;

bool isAllowed(ULONG rights, const Login& login) {
  if (rights == SECURE_ANYONE_ACCOUNT) return true;
  return ((rights & SECURE_USER_ACCOUNT) != 0 && login.isUser()) || ((rights & SECURE_ADM_ACCOUNT) != 0 && login.isAdmin());
}

template <class App_>
auto& fileOf(App_& app, const std::string& name) {
  const auto found = std::find_if(app.files.begin(), app.files.end(), [&](const FileRecord& file) { return file.name == name; });
  require(found != app.files.end(), SAR_FILE_NOT_EXIST);
  return *found;
}

SecureBytes contentOf(const Application& app, const Login& login, const FileRecord& file) {
  return file.isSealed ? openFile(app, login, file.name, file.content) : secureBytes(file.content);
}
}  // namespace

ULONG SKF_CreateFile(HAPPLICATION hApp, LPSTR szFileName, ULONG ulFileSize, ULONG ulReadRights, ULONG ulWriteRights) {
  return withApp("SKF_CreateFile", hApp, [&](const auto& handle) {
    const std::string name = nameOf(szFileName, maxNameBytes);
    viewOfApp(*handle);
    changeApp(*handle, [&](TokenState& state, Application& app) {
      require(isAllowed(app.createFileRights, handle->login), SAR_USER_NOT_LOGGED_IN);
      require(std::none_of(app.files.begin(), app.files.end(), [&](const FileRecord& file) { return file.name == name; }), SAR_FILE_ALREADY_EXIST);
      require(ulFileSize > 0 && ulFileSize <= state.freeBytes(), ulFileSize == 0 ? SAR_INVALIDPARAMERR : SAR_NO_ROOM);
      FileRecord file{name, ulFileSize, ulReadRights, ulWriteRights, ulReadRights != SECURE_ANYONE_ACCOUNT, Bytes(ulFileSize, 0)};
      if (file.isSealed) file.content = sealFile(app, handle->login, name, file.content);
      app.files.push_back(std::move(file));
    });
  });
}

ULONG SKF_DeleteFile(HAPPLICATION hApp, LPSTR szFileName) {
  return withApp("SKF_DeleteFile", hApp, [&](const auto& handle) {
    const std::string name = nameOf(szFileName, maxNameBytes);
    changeApp(*handle, [&](TokenState&, Application& app) {
      require(isAllowed(fileOf(app, name).writeRights, handle->login), SAR_USER_NOT_LOGGED_IN);
      std::erase_if(app.files, [&](const FileRecord& file) { return file.name == name; });
    });
  });
}

ULONG SKF_EnumFiles(HAPPLICATION hApp, LPSTR szFileList, ULONG* pulSize) {
  return withApp("SKF_EnumFiles", hApp, [&](const auto& handle) {
    std::vector<std::string> names;
    const AppView view = viewOfApp(*handle);
    for (const auto& file : view.app.files) names.push_back(file.name);
    giveNames(names, szFileList, pulSize);
  });
}

ULONG SKF_GetFileInfo(HAPPLICATION hApp, LPSTR szFileName, FILEATTRIBUTE* pFileInfo) {
  return withApp("SKF_GetFileInfo", hApp, [&](const auto& handle) {
    require(pFileInfo != nullptr, SAR_INVALIDPARAMERR);
    const AppView view = viewOfApp(*handle);
    const FileRecord& file = fileOf(view.app, nameOf(szFileName, maxNameBytes));
    FILEATTRIBUTE info{};
    std::memcpy(info.FileName, file.name.data(), file.name.size());
    info.FileSize = file.size;
    info.ReadRights = file.readRights;
    info.WriteRights = file.writeRights;
    std::memcpy(pFileInfo, &info, sizeof info);
  });
}

ULONG SKF_ReadFile(HAPPLICATION hApp, LPSTR szFileName, ULONG ulOffset, ULONG ulSize, BYTE* pbOutData, ULONG* pulOutLen) {
  return withApp("SKF_ReadFile", hApp, [&](const auto& handle) {
    const AppView view = viewOfApp(*handle);
    const FileRecord& file = fileOf(view.app, nameOf(szFileName, maxNameBytes));
    require(isAllowed(file.readRights, handle->login), SAR_USER_NOT_LOGGED_IN);
    require(ulOffset <= file.size, SAR_INVALIDPARAMERR);
    const SecureBytes content = contentOf(view.app, handle->login, file);
    giveResult(View(content).subspan(ulOffset, std::min<std::size_t>(ulSize, file.size - ulOffset)), pbOutData, pulOutLen);
  });
}

ULONG SKF_WriteFile(HAPPLICATION hApp, LPSTR szFileName, ULONG ulOffset, BYTE* pbData, ULONG ulSize) {
  return withApp("SKF_WriteFile", hApp, [&](const auto& handle) {
    const std::string name = nameOf(szFileName, maxNameBytes);
    const View data = input(pbData, ulSize);
    viewOfApp(*handle);
    changeApp(*handle, [&](TokenState&, Application& app) {
      FileRecord& file = fileOf(app, name);
      require(isAllowed(file.writeRights, handle->login), SAR_USER_NOT_LOGGED_IN);
      require(ulOffset <= file.size && data.size() <= file.size - ulOffset, SAR_INDATALENERR);
      SecureBytes content = contentOf(app, handle->login, file);
      std::copy(data.begin(), data.end(), content.begin() + ulOffset);
      file.content = file.isSealed ? sealFile(app, handle->login, name, content) : plainBytes(content);
    });
  });
}
