/** GM/T 0016 §7.5 Container management, certificates and public keys of a container. */
#include <algorithm>

#include "blobs.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
constexpr std::size_t maxNameBytes = 64, maxContainers = 64;

KeyRole roleOf(BOOL bSignFlag) { return bSignFlag != 0 ? KeyRole::sign : KeyRole::encrypt; }

/** The public key of a role: its public object, else the point or modulus that stands with the private key. */
std::optional<Object> publicKeyOf(ContainerRef& handle, KeyRole role) {
  const AppView view = viewOfApp(*handle.app);
  if (auto key = containerObject(view.app, handle.app->login, handle.container.id, role, CKO_PUBLIC_KEY)) return key;
  return containerObject(view.app, handle.app->login, handle.container.id, role, CKO_PRIVATE_KEY);
}
}  // namespace

ULONG SKF_CreateContainer(HAPPLICATION hApp, LPSTR szContainerName, HCONTAINER* phContainer) {
  return withApp("SKF_CreateContainer", hApp, [&](const auto& handle) {
    require(phContainer != nullptr, SAR_INVALIDPARAMERR);
    const std::string name = nameOf(szContainerName, maxNameBytes);
    viewOfApp(*handle);
    requireUser(*handle);
    const Container container{containerIdOfName(name), name};
    changeApp(*handle, [&](TokenState&, Application& app) {
      const auto known = containersOf(app, handle->login);
      require(std::none_of(known.begin(), known.end(), [&](const Container& other) { return other.name == name || other.id == container.id; }), SAR_CONTAINER_EXISTS);
      require(known.size() < maxContainers, SAR_REACH_MAX_CONTAINER_COUNT);
      app.containers.push_back({container.id, name});
    });
    *phContainer = Handles::get().add(std::make_shared<ContainerRef>(ContainerRef{handle, container}));
  });
}

ULONG SKF_DeleteContainer(HAPPLICATION hApp, LPSTR szContainerName) {
  return withApp("SKF_DeleteContainer", hApp, [&](const auto& handle) {
    const std::string name = nameOf(szContainerName, maxNameBytes);
    viewOfApp(*handle);
    requireUser(*handle);
    changeApp(*handle, [&](TokenState&, Application& app) {
      const auto container = findContainer(app, handle->login, name);
      require(container.has_value(), SAR_CONTAINER_NOT_EXISTS);
      removeContainerObjects(app, handle->login, container->id);
      std::erase_if(app.containers, [&](const ContainerRecord& record) { return record.name == name; });
    });
  });
}

ULONG SKF_OpenContainer(HAPPLICATION hApp, LPSTR szContainerName, HCONTAINER* phContainer) {
  return withApp("SKF_OpenContainer", hApp, [&](const auto& handle) {
    require(phContainer != nullptr, SAR_INVALIDPARAMERR);
    const std::string name = nameOf(szContainerName, maxNameBytes);
    const AppView view = viewOfApp(*handle);
    const auto container = findContainer(view.app, handle->login, name);
    require(container.has_value(), SAR_CONTAINER_NOT_EXISTS);
    *phContainer = Handles::get().add(std::make_shared<ContainerRef>(ContainerRef{handle, *container}));
  });
}

ULONG SKF_CloseContainer(HCONTAINER hContainer) {
  return runGuarded([&] {
    const std::lock_guard lock(Handles::get().mutex);
    const auto container = Handles::get().find<ContainerRef>(hContainer);
    strike(*container->app->device->token, "SKF_CloseContainer");
    Handles::get().remove(hContainer);
  });
}

ULONG SKF_EnumContainer(HAPPLICATION hApp, LPSTR szContainerName, ULONG* pulSize) {
  return withApp("SKF_EnumContainer", hApp, [&](const auto& handle) {
    std::vector<std::string> names;
    const AppView view = viewOfApp(*handle);
    for (const auto& container : containersOf(view.app, handle->login)) names.push_back(container.name);
    giveNames(names, szContainerName, pulSize);
  });
}

ULONG SKF_GetContainerType(HCONTAINER hContainer, ULONG* pulContainerType) {
  return withContainer("SKF_GetContainerType", hContainer, [&](ContainerRef& handle) {
    require(pulContainerType != nullptr, SAR_INVALIDPARAMERR);
    auto key = publicKeyOf(handle, KeyRole::sign);
    if (!key) key = publicKeyOf(handle, KeyRole::encrypt);
    *pulContainerType = !key ? CONTAINER_EMPTY : key->number(CKA_KEY_TYPE) == CKK_RSA ? CONTAINER_RSA : CONTAINER_ECC;
  });
}

ULONG SKF_ImportCertificate(HCONTAINER hContainer, BOOL bSignFlag, BYTE* pbCert, ULONG ulCertLen) {
  return withContainer("SKF_ImportCertificate", hContainer, [&](ContainerRef& handle) {
    const View der = input(pbCert, ulCertLen);
    viewOfApp(*handle.app);
    requireUser(*handle.app);
    changeApp(*handle.app, [&](TokenState& state, Application& app) { putCertificate(state, app, handle.app->login, handle.container, roleOf(bSignFlag), der); });
  });
}

ULONG SKF_ExportCertificate(HCONTAINER hContainer, BOOL bSignFlag, BYTE* pbCert, ULONG* pulCertLen) {
  return withContainer("SKF_ExportCertificate", hContainer, [&](ContainerRef& handle) {
    const AppView view = viewOfApp(*handle.app);
    const auto certificate = containerObject(view.app, handle.app->login, handle.container.id, roleOf(bSignFlag), CKO_CERTIFICATE);
    require(certificate.has_value(), SAR_CERTNOTFOUNTERR);
    giveResult(certificate->bytes(CKA_VALUE), pbCert, pulCertLen);
  });
}

ULONG SKF_ExportPublicKey(HCONTAINER hContainer, BOOL bSignFlag, BYTE* pbBlob, ULONG* pulBlobLen) {
  return withContainer("SKF_ExportPublicKey", hContainer, [&](ContainerRef& handle) {
    const auto key = publicKeyOf(handle, roleOf(bSignFlag));
    require(key.has_value(), SAR_KEYNOTFOUNTERR);
    const auto give = [&](const auto& blob) { giveResult(View(reinterpret_cast<const BYTE*>(&blob), sizeof blob), pbBlob, pulBlobLen); };
    if (key->number(CKA_KEY_TYPE) == CKK_RSA) give(rsaBlobOf(rsaPublicOfObject(*key)));
    else give(blobOf(sm2PublicOfObject(*key)));
  });
}
