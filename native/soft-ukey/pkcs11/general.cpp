/** §5.4 General-purpose functions, and C_GetFunctionList. */
#include "library.h"

using namespace bidkey;
using namespace bidkey::p11;

CK_RV C_Initialize(CK_VOID_PTR pInitArgs) {
  return runGuarded([&] {
    Library& library = Library::get();
    const std::lock_guard lock(library.mutex);
    require(!library.startedHere(), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    if (const auto* args = static_cast<const CK_C_INITIALIZE_ARGS*>(pInitArgs)) {
      require(args->pReserved == nullptr, CKR_ARGUMENTS_BAD);
      const int given = (args->CreateMutex != nullptr) + (args->DestroyMutex != nullptr) + (args->LockMutex != nullptr) + (args->UnlockMutex != nullptr);
      require(given == 0 || given == 4, CKR_ARGUMENTS_BAD);
      // This library locks with the system's own mutexes only.
      require(given == 0 || (args->flags & CKF_OS_LOCKING_OK) != 0, CKR_CANT_LOCK);
    }
    library.start();
    for (const auto& slot : library.slots) {
      const auto verdict = slot->token->faultOnCall("C_Initialize");
      if (!verdict.returnCode) continue;
      library.stop();
      throw Rv{static_cast<CK_RV>(*verdict.returnCode)};
    }
  });
}

CK_RV C_Finalize(CK_VOID_PTR pReserved) {
  return withLibrary("C_Finalize", [&](Library& library) {
    require(pReserved == nullptr, CKR_ARGUMENTS_BAD);
    library.stop();
  });
}

CK_RV C_GetInfo(CK_INFO* pInfo) {
  return withLibrary("C_GetInfo", [&](Library&) {
    require(pInfo != nullptr, CKR_ARGUMENTS_BAD);
    *pInfo = CK_INFO{{2, 40}, {}, 0, {}, {1, 0}};
    fillText(pInfo->manufacturerID, "BidKey");
    fillText(pInfo->libraryDescription, "BidKey software UKey");
  });
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** ppFunctionList) {
  static CK_FUNCTION_LIST list = {{2, 40},
#define BIDKEY_ENTRY(name, parameters) name,
                                  BIDKEY_PKCS11_FUNCTIONS(BIDKEY_ENTRY)
#undef BIDKEY_ENTRY
  };
  if (ppFunctionList == nullptr) return CKR_ARGUMENTS_BAD;
  *ppFunctionList = &list;
  return CKR_OK;
}
