/**
 * The faces called directly, under the sanitizers: threads, short buffers, NULL pointers, every exported function with hostile arguments.
 * What a JavaScript binding cannot do wrong is done wrong here. Prints how many checks held; ends with 1 at the first that does not.
 */
#include <atomic>
#include <thread>

#include "fixture.h"
#include "include/pkcs11.h"
#include "include/skf.h"

using namespace bidkey;

namespace {

std::atomic<int> checks = 0;

void check(bool holds, const char* what, unsigned long got = 0) {
  if (!holds) {
    std::fprintf(stderr, "native-tests: %s (got 0x%lx)\n", what, got);
    std::exit(1);
  }
  checks++;
}

void code(CK_RV got, CK_RV wanted, const char* what) { check(got == wanted, what, got); }

CK_UTF8CHAR* text(const char* value) { return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(value)); }

CK_SESSION_HANDLE open(CK_SLOT_ID slot) {
  CK_SESSION_HANDLE session = 0;
  code(C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session), CKR_OK, "open session");
  return session;
}

struct Pair { CK_OBJECT_HANDLE publicKey = 0, privateKey = 0; };

Pair sm2Pair(CK_SESSION_HANDLE session) {
  Pair pair;
  CK_MECHANISM mechanism{CKM_SM2_KEY_PAIR_GEN, nullptr, 0};
  code(C_GenerateKeyPair(session, &mechanism, nullptr, 0, nullptr, 0, &pair.publicKey, &pair.privateKey), CKR_OK, "session key pair");
  return pair;
}

/** The length convention of §5.2 on a signature: NULL asks, short refuses, and the operation goes on. */
void shortBuffers(CK_SESSION_HANDLE session, const Pair& pair) {
  CK_MECHANISM mechanism{CKM_SM2_SIGN_RAW, nullptr, 0};
  CK_BYTE digest[32] = {1, 2, 3}, signature[64];
  CK_ULONG size = 0;
  code(C_SignInit(session, &mechanism, pair.privateKey), CKR_OK, "sign init");
  code(C_Sign(session, digest, 32, nullptr, &size), CKR_OK, "length query");
  check(size == 64, "length of a raw signature", size);
  size = 63;
  code(C_Sign(session, digest, 32, signature, &size), CKR_BUFFER_TOO_SMALL, "short buffer");
  size = 64;
  code(C_Sign(session, digest, 32, signature, &size), CKR_OK, "after the short buffer");
  code(C_Sign(session, digest, 32, signature, &size), CKR_OPERATION_NOT_INITIALIZED, "a finished operation");
  code(C_VerifyInit(session, &mechanism, pair.publicKey), CKR_OK, "verify init");
  code(C_Verify(session, digest, 32, signature, 64), CKR_OK, "verify");
}

/** A decryption whose result does not fit keeps it for the next call. */
void keptResult(CK_SESSION_HANDLE session, const Pair& pair) {
  CK_MECHANISM mechanism{CKM_SM2_ENCRYPT_RAW, nullptr, 0};
  CK_BYTE plain[20] = {9}, cipher[200], back[20];
  CK_ULONG size = sizeof cipher, backSize = 5;
  code(C_EncryptInit(session, &mechanism, pair.publicKey), CKR_OK, "encrypt init");
  code(C_Encrypt(session, plain, sizeof plain, cipher, &size), CKR_OK, "encrypt");
  code(C_DecryptInit(session, &mechanism, pair.privateKey), CKR_OK, "decrypt init");
  code(C_Decrypt(session, cipher, size, back, &backSize), CKR_BUFFER_TOO_SMALL, "short buffer");
  check(backSize == 20, "the exact length", backSize);
  code(C_Decrypt(session, cipher, size, back, &backSize), CKR_OK, "exact buffer");
  check(std::memcmp(plain, back, 20) == 0, "the plaintext");
}

/** §5.2: every failure but a short buffer ends the operation, that of a call that the mechanism has not as well. */
void refusalEnds(CK_SESSION_HANDLE session, const Pair& pair) {
  CK_MECHANISM mechanism{CKM_SM2_ENCRYPT_RAW, nullptr, 0};
  CK_BYTE plain[20] = {9}, cipher[200];
  for (const bool update : {true, false}) {
    CK_ULONG size = sizeof cipher;
    code(C_EncryptInit(session, &mechanism, pair.publicKey), CKR_OK, "encrypt init");
    code(update ? C_EncryptUpdate(session, plain, sizeof plain, cipher, &size) : C_EncryptFinal(session, cipher, &size), CKR_FUNCTION_NOT_SUPPORTED, "SM2 in parts");
    code(C_Encrypt(session, plain, sizeof plain, cipher, &size), CKR_OPERATION_NOT_INITIALIZED, "the operation has ended");
  }
}

void nullArguments(CK_SESSION_HANDLE session, CK_SLOT_ID slot) {
  CK_BYTE byte = 0;
  CK_ULONG size = 1;
  CK_MECHANISM wild{CKM_RSA_PKCS_OAEP, nullptr, 8}, unknown{0x7fffffff, nullptr, 0};
  CK_ATTRIBUTE nullValue{CKA_LABEL, nullptr, 10}, hugeValue{CKA_LABEL, &byte, ~0UL >> 1};
  CK_OBJECT_HANDLE object = 0;
  code(C_GetInfo(nullptr), CKR_ARGUMENTS_BAD, "C_GetInfo(NULL)");
  code(C_GetSlotList(CK_TRUE, nullptr, nullptr), CKR_ARGUMENTS_BAD, "C_GetSlotList(NULL)");
  code(C_GetTokenInfo(slot, nullptr), CKR_ARGUMENTS_BAD, "C_GetTokenInfo(NULL)");
  code(C_GetTokenInfo(999, nullptr), CKR_SLOT_ID_INVALID, "a slot that is none");
  code(C_Login(session, CKU_USER, nullptr, 8), CKR_ARGUMENTS_BAD, "C_Login(NULL)");
  code(C_Login(session, 77, text("x"), 1), CKR_USER_TYPE_INVALID, "a user that is none");
  code(C_CreateObject(session, nullptr, 3, &object), CKR_ARGUMENTS_BAD, "C_CreateObject(NULL)");
  code(C_CreateObject(session, &nullValue, 1, &object), CKR_ATTRIBUTE_VALUE_INVALID, "a value of NULL");
  code(C_CreateObject(session, &hugeValue, 1, &object), CKR_ATTRIBUTE_VALUE_INVALID, "a value longer than memory");
  code(C_CreateObject(session, &nullValue, ~0UL, &object), CKR_ARGUMENTS_BAD, "a template longer than memory");
  code(C_GetAttributeValue(session, 12345, &nullValue, 1), CKR_OBJECT_HANDLE_INVALID, "an object that is none");
  code(C_EncryptInit(session, &wild, 1), CKR_MECHANISM_PARAM_INVALID, "parameters of NULL");
  code(C_DigestInit(session, &unknown), CKR_MECHANISM_INVALID, "a mechanism that is none");
  code(C_DigestInit(session, nullptr), CKR_ARGUMENTS_BAD, "C_DigestInit(NULL)");
  code(C_Sign(session, &byte, 1, &byte, &size), CKR_OPERATION_NOT_INITIALIZED, "C_Sign without init");
  code(C_FindObjects(session, nullptr, 1, &size), CKR_ARGUMENTS_BAD, "C_FindObjects(NULL)");
  code(C_GenerateRandom(session, nullptr, 8), CKR_ARGUMENTS_BAD, "C_GenerateRandom(NULL)");
  code(C_GenerateRandom(0xdead, &byte, 1), CKR_SESSION_HANDLE_INVALID, "a session that is none");
  code(C_DeriveKey(session, &unknown, 0, nullptr, 0, &object), CKR_FUNCTION_NOT_SUPPORTED, "C_DeriveKey");
  code(C_GetFunctionList(nullptr), CKR_ARGUMENTS_BAD, "C_GetFunctionList(NULL)");
}

/** Eight threads on one token: each with sessions of its own. */
void threads(CK_SLOT_ID slot) {
  std::vector<std::thread> all;
  for (int i = 0; i < 8; i++)
    all.emplace_back([slot] {
      for (int round = 0; round < 10; round++) {
        const CK_SESSION_HANDLE session = open(slot);
        const Pair pair = sm2Pair(session);
        shortBuffers(session, pair);
        keptResult(session, pair);
        refusalEnds(session, pair);
        code(C_CloseSession(session), CKR_OK, "close session");
      }
    });
  for (auto& thread : all) thread.join();
}

/** C_WaitForSlotEvent in a thread ends when another finalizes. */
void waitingEnds() {
  std::atomic<CK_RV> answer = CKR_OK;
  std::thread waiter([&] {
    CK_SLOT_ID slot = 0;
    answer = C_WaitForSlotEvent(0, &slot, nullptr);
  });
  code(C_Finalize(nullptr), CKR_OK, "finalize");
  waiter.join();
  code(answer, CKR_CRYPTOKI_NOT_INITIALIZED, "the waiting thread");
  code(C_GetInfo(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED, "a finalized library");
}

void pkcs11Face() {
  code(C_GetInfo(nullptr), CKR_CRYPTOKI_NOT_INITIALIZED, "before C_Initialize");
  CK_C_INITIALIZE_ARGS args{};
  args.pReserved = &args;
  code(C_Initialize(&args), CKR_ARGUMENTS_BAD, "pReserved");
  args = CK_C_INITIALIZE_ARGS{nullptr, nullptr, nullptr, nullptr, CKF_OS_LOCKING_OK, nullptr};
  code(C_Initialize(&args), CKR_OK, "initialize");
  CK_SLOT_ID slot = 99;
  CK_ULONG count = 0;
  code(C_GetSlotList(CK_TRUE, &slot, &count), CKR_BUFFER_TOO_SMALL, "a list of no room");
  count = 1;
  code(C_GetSlotList(CK_TRUE, &slot, &count), CKR_OK, "slots");
  const CK_SESSION_HANDLE session = open(slot);
  nullArguments(session, slot);
  code(C_Login(session, CKU_USER, text(fixture::userPin), 8), CKR_OK, "login");
  threads(slot);
  code(C_CloseAllSessions(slot), CKR_OK, "close all");
  code(C_Logout(session), CKR_SESSION_HANDLE_INVALID, "a session closed by all");
  waitingEnds();
}

void sar(ULONG got, ULONG wanted, const char* what) { check(got == wanted, what, got); }

void skfFace() {
  char name[] = "BIDKEY-NATIVE", app[] = "BidKeyApp", pin[] = "28461937", containerName[] = "native";
  ULONG size = 0;
  sar(SKF_EnumDev(1, nullptr, nullptr), SAR_INVALIDPARAMERR, "SKF_EnumDev(NULL)");
  sar(SKF_ConnectDev(nullptr, nullptr), SAR_INVALIDPARAMERR, "SKF_ConnectDev(NULL)");
  DEVHANDLE device = nullptr;
  sar(SKF_ConnectDev(name, &device), SAR_OK, "connect");
  HAPPLICATION application = nullptr;
  sar(SKF_OpenApplication(device, nullptr, &application), SAR_INVALIDPARAMERR, "an application of NULL");
  sar(SKF_OpenApplication(device, app, &application), SAR_OK, "open application");
  sar(SKF_VerifyPIN(application, USER_TYPE, nullptr, &size), SAR_INVALIDPARAMERR, "a PIN of NULL");
  sar(SKF_VerifyPIN(application, 9, pin, &size), SAR_USER_TYPE_INVALID, "a user that is none");
  sar(SKF_VerifyPIN(application, USER_TYPE, pin, &size), SAR_OK, "PIN");
  HCONTAINER container = nullptr;
  sar(SKF_CreateContainer(application, containerName, &container), SAR_OK, "container");
  sar(SKF_GenECCKeyPair(container, SGD_SM2_1_B, nullptr), SAR_INVALIDPARAMERR, "a blob of NULL");
  ECCPUBLICKEYBLOB blob{};
  sar(SKF_GenECCKeyPair(container, 0x12345, &blob), SAR_INVALIDPARAMERR, "an algorithm that is none");
  sar(SKF_GenECCKeyPair(container, SGD_SM2_1_B, &blob), SAR_OK, "signing pair");
  sar(SKF_ImportECCKeyPair(container, nullptr), SAR_INVALIDPARAMERR, "an envelope of NULL");
  sar(SKF_ECCSignData(container, nullptr, 32, nullptr), SAR_INVALIDPARAMERR, "data of NULL");
  sar(SKF_ImportCertificate(container, 1, nullptr, 100), SAR_INVALIDPARAMERR, "a certificate of NULL");
  sar(SKF_ImportSessionKey(container, SGD_SM4_CBC, nullptr, 10, nullptr), SAR_INVALIDPARAMERR, "a session key of NULL");
  HANDLE key = nullptr;
  BYTE value[16] = {1}, out[64];
  sar(SKF_SetSymmKey(device, value, 0x999, &key), SAR_NOTSUPPORTYETERR, "a cipher that is none");
  sar(SKF_SetSymmKey(device, value, SGD_SM4_CBC, &key), SAR_OK, "session key");
  BLOCKCIPHERPARAM param{};
  sar(SKF_EncryptInit(key, param), SAR_INVALIDPARAMERR, "CBC without IV");
  param.IVLen = 16;
  sar(SKF_EncryptInit(key, param), SAR_OK, "encrypt init");
  size = 3;
  sar(SKF_Encrypt(key, value, 16, out, &size), SAR_BUFFER_TOO_SMALL, "a short buffer");
  size = sizeof out;
  sar(SKF_Encrypt(key, value, 16, out, &size), SAR_OK, "encrypt");
  sar(SKF_EncryptUpdate(key, value, 16, out, &size), SAR_NOTINITIALIZEERR, "a finished run");
  sar(SKF_CloseHandle(key), SAR_OK, "close key");
  sar(SKF_CloseHandle(key), SAR_INVALIDHANDLEERR, "close it twice");
  sar(SKF_CloseHandle(device), SAR_INVALIDHANDLEERR, "a device is closed otherwise");
  sar(SKF_GenerateKeyWithECC(device, nullptr, nullptr, nullptr, 0, nullptr), SAR_INVALIDHANDLEERR, "an agreement that is none");
  sar(SKF_LockDev(device, 0), SAR_OK, "lock device");
  DEVHANDLE second = nullptr;
  sar(SKF_ConnectDev(name, &second), SAR_OK, "connect again");
  sar(SKF_LockDev(second, 10), SAR_TIMEOUTERR, "lock a locked device");
  sar(SKF_UnlockDev(device), SAR_OK, "unlock");
  sar(SKF_LockDev(second, 1000), SAR_OK, "lock it now");
  sar(SKF_DisConnectDev(device), SAR_OK, "disconnect");
  sar(SKF_CloseContainer(container), SAR_INVALIDHANDLEERR, "what hung on the device is gone");
  sar(SKF_DisConnectDev(second), SAR_OK, "disconnect the second");
  std::thread canceller([] { SKF_CancelWaitForDevEvent(); });
  canceller.join();
}

}  // namespace

int main() {
  const auto folder = fixture::makeFolder();
  fixture::makeKey();
  pkcs11Face();
  skfFace();
  std::filesystem::remove_all(folder);
  std::printf("native-tests: %d checks held\n", checks.load());
  return 0;
}
