/**
 * SKF (GM/T 0016-2012) as this library offers it: packed structures, numbers and prototypes, written from the facts of the standard.
 * ULONG and BOOL are 32 bits wide on every system; structures are packed to one byte; all numbers are little-endian.
 */
#pragma once
#include <cstdint>

using BYTE = unsigned char;
using CHAR = unsigned char;
using ULONG = std::uint32_t;
using BOOL = std::int32_t;
using LPSTR = char*;
using HANDLE = void*;
using DEVHANDLE = HANDLE;
using HAPPLICATION = HANDLE;
using HCONTAINER = HANDLE;

#pragma pack(push, 1)
struct VERSION { BYTE major, minor; };
struct DEVINFO {
  VERSION Version;
  CHAR Manufacturer[64], Issuer[64], Label[32], SerialNumber[32];
  VERSION HWVersion, FirmwareVersion;
  ULONG AlgSymCap, AlgAsymCap, AlgHashCap, DevAuthAlgId, TotalSpace, FreeSpace, MaxECCBufferSize, MaxBufferSize;
  BYTE Reserved[64];
};
struct ECCPUBLICKEYBLOB { ULONG BitLen; BYTE XCoordinate[64], YCoordinate[64]; };
struct ECCPRIVATEKEYBLOB { ULONG BitLen; BYTE PrivateKey[64]; };
struct ECCCIPHERBLOB { BYTE XCoordinate[64], YCoordinate[64], HASH[32]; ULONG CipherLen; BYTE Cipher[1]; };
struct ECCSIGNATUREBLOB { BYTE r[64], s[64]; };
struct ENVELOPEDKEYBLOB { ULONG Version, ulSymmAlgID, ulBits; BYTE cbEncryptedPriKey[64]; ECCPUBLICKEYBLOB PubKey; ECCCIPHERBLOB ECCCipherBlob; };
struct RSAPUBLICKEYBLOB { ULONG AlgID, BitLen; BYTE Modulus[256], PublicExponent[4]; };
struct RSAPRIVATEKEYBLOB { ULONG AlgID, BitLen; BYTE Modulus[256], PublicExponent[4], PrivateExponent[256], Prime1[128], Prime2[128], Prime1Exponent[128], Prime2Exponent[128], Coefficient[128]; };
struct BLOCKCIPHERPARAM { BYTE IV[32]; ULONG IVLen, PaddingType, FeedBitLen; };
struct FILEATTRIBUTE { CHAR FileName[32]; ULONG FileSize, ReadRights, WriteRights; };
#pragma pack(pop)

static_assert(sizeof(DEVINFO) == 294 && sizeof(ECCPUBLICKEYBLOB) == 132 && sizeof(ECCPRIVATEKEYBLOB) == 68 && sizeof(ECCCIPHERBLOB) == 165);
static_assert(sizeof(ECCSIGNATUREBLOB) == 128 && sizeof(ENVELOPEDKEYBLOB) == 373 && sizeof(RSAPUBLICKEYBLOB) == 268 && sizeof(RSAPRIVATEKEYBLOB) == 1164);
static_assert(sizeof(BLOCKCIPHERPARAM) == 44 && sizeof(FILEATTRIBUTE) == 44);

inline constexpr ULONG ADMIN_TYPE = 0, USER_TYPE = 1;
inline constexpr ULONG SECURE_NEVER_ACCOUNT = 0, SECURE_ADM_ACCOUNT = 1, SECURE_USER_ACCOUNT = 0x10, SECURE_ANYONE_ACCOUNT = 0xFF;
inline constexpr ULONG DEV_ABSENT_STATE = 0, DEV_PRESENT_STATE = 1, DEV_EVENT_INSERTED = 1, DEV_EVENT_REMOVED = 2;
inline constexpr ULONG CONTAINER_EMPTY = 0, CONTAINER_RSA = 1, CONTAINER_ECC = 2;
inline constexpr ULONG SKF_NO_PADDING = 0, SKF_PKCS5_PADDING = 1;

inline constexpr ULONG SGD_SM4_ECB = 0x401, SGD_SM4_CBC = 0x402, SGD_SM4_CFB = 0x404, SGD_SM4_OFB = 0x408, SGD_SM4_MAC = 0x410, SGD_RSA = 0x10000, SGD_SM3 = 1, SGD_SHA1 = 2, SGD_SHA256 = 4;
// Two readings of GM/T 0006 are in the field for "SM2 for signing"; this key takes both, and the family number of each.
inline constexpr ULONG SGD_SM2_1_A = 0x20100, SGD_SM2_1_B = 0x20200, SGD_SM2 = 0x20000;

#define BIDKEY_SAR(X) \
  X(SAR_OK, 0) X(SAR_FAIL, 0x0A000001) X(SAR_UNKNOWNERR, 0x0A000002) X(SAR_NOTSUPPORTYETERR, 0x0A000003) X(SAR_FILEERR, 0x0A000004) X(SAR_INVALIDHANDLEERR, 0x0A000005) \
  X(SAR_INVALIDPARAMERR, 0x0A000006) X(SAR_READFILEERR, 0x0A000007) X(SAR_WRITEFILEERR, 0x0A000008) X(SAR_NAMELENERR, 0x0A000009) X(SAR_KEYUSAGEERR, 0x0A00000A) \
  X(SAR_MODULUSLENERR, 0x0A00000B) X(SAR_NOTINITIALIZEERR, 0x0A00000C) X(SAR_OBJERR, 0x0A00000D) X(SAR_MEMORYERR, 0x0A00000E) X(SAR_TIMEOUTERR, 0x0A00000F) \
  X(SAR_INDATALENERR, 0x0A000010) X(SAR_INDATAERR, 0x0A000011) X(SAR_GENRANDERR, 0x0A000012) X(SAR_HASHOBJERR, 0x0A000013) X(SAR_HASHERR, 0x0A000014) \
  X(SAR_RSADECERR, 0x0A000019) X(SAR_HASHNOTEQUALERR, 0x0A00001A) X(SAR_KEYNOTFOUNTERR, 0x0A00001B) X(SAR_CERTNOTFOUNTERR, 0x0A00001C) X(SAR_NOTEXPORTERR, 0x0A00001D) \
  X(SAR_DECRYPTPADERR, 0x0A00001E) X(SAR_MACLENERR, 0x0A00001F) X(SAR_BUFFER_TOO_SMALL, 0x0A000020) X(SAR_KEYINFOTYPEERR, 0x0A000021) X(SAR_NOT_EVENTERR, 0x0A000022) \
  X(SAR_DEVICE_REMOVED, 0x0A000023) X(SAR_PIN_INCORRECT, 0x0A000024) X(SAR_PIN_LOCKED, 0x0A000025) X(SAR_PIN_INVALID, 0x0A000026) X(SAR_PIN_LEN_RANGE, 0x0A000027) \
  X(SAR_USER_ALREADY_LOGGED_IN, 0x0A000028) X(SAR_USER_PIN_NOT_INITIALIZED, 0x0A000029) X(SAR_USER_TYPE_INVALID, 0x0A00002A) X(SAR_APPLICATION_NAME_INVALID, 0x0A00002B) \
  X(SAR_APPLICATION_EXISTS, 0x0A00002C) X(SAR_USER_NOT_LOGGED_IN, 0x0A00002D) X(SAR_APPLICATION_NOT_EXISTS, 0x0A00002E) X(SAR_FILE_ALREADY_EXIST, 0x0A00002F) \
  X(SAR_NO_ROOM, 0x0A000030) X(SAR_FILE_NOT_EXIST, 0x0A000031) X(SAR_REACH_MAX_CONTAINER_COUNT, 0x0A000032) X(SAR_CONTAINER_NOT_EXISTS, 0x0A000036) X(SAR_CONTAINER_EXISTS, 0x0A000037)
#define BIDKEY_SAR_CONSTANT(name, number) inline constexpr ULONG name = number;
BIDKEY_SAR(BIDKEY_SAR_CONSTANT)
#undef BIDKEY_SAR_CONSTANT

#define SKF_EXPORT extern "C" __attribute__((visibility("default"))) ULONG
SKF_EXPORT SKF_WaitForDevEvent(LPSTR szDevName, ULONG* pulDevNameLen, ULONG* pulEvent);
SKF_EXPORT SKF_CancelWaitForDevEvent(void);
SKF_EXPORT SKF_EnumDev(BOOL bPresent, LPSTR szNameList, ULONG* pulSize);
SKF_EXPORT SKF_ConnectDev(LPSTR szName, DEVHANDLE* phDev);
SKF_EXPORT SKF_DisConnectDev(DEVHANDLE hDev);
SKF_EXPORT SKF_GetDevState(LPSTR szDevName, ULONG* pulDevState);
SKF_EXPORT SKF_SetLabel(DEVHANDLE hDev, LPSTR szLabel);
SKF_EXPORT SKF_GetDevInfo(DEVHANDLE hDev, DEVINFO* pDevInfo);
SKF_EXPORT SKF_LockDev(DEVHANDLE hDev, ULONG ulTimeOut);
SKF_EXPORT SKF_UnlockDev(DEVHANDLE hDev);
SKF_EXPORT SKF_Transmit(DEVHANDLE hDev, BYTE* pbCommand, ULONG ulCommandLen, BYTE* pbData, ULONG* pulDataLen);
SKF_EXPORT SKF_ChangeDevAuthKey(DEVHANDLE hDev, BYTE* pbKeyValue, ULONG ulKeyLen);
SKF_EXPORT SKF_DevAuth(DEVHANDLE hDev, BYTE* pbAuthData, ULONG ulLen);
SKF_EXPORT SKF_ChangePIN(HAPPLICATION hApp, ULONG ulPINType, LPSTR szOldPin, LPSTR szNewPin, ULONG* pulRetryCount);
SKF_EXPORT SKF_GetPINInfo(HAPPLICATION hApp, ULONG ulPINType, ULONG* pulMaxRetryCount, ULONG* pulRemainRetryCount, BOOL* pbDefaultPin);
SKF_EXPORT SKF_VerifyPIN(HAPPLICATION hApp, ULONG ulPINType, LPSTR szPIN, ULONG* pulRetryCount);
SKF_EXPORT SKF_UnblockPIN(HAPPLICATION hApp, LPSTR szAdminPIN, LPSTR szNewUserPIN, ULONG* pulRetryCount);
SKF_EXPORT SKF_ClearSecureState(HAPPLICATION hApp);
SKF_EXPORT SKF_CreateApplication(DEVHANDLE hDev, LPSTR szAppName, LPSTR szAdminPin, ULONG dwAdminPinRetryCount, LPSTR szUserPin, ULONG dwUserPinRetryCount, ULONG dwCreateFileRights, HAPPLICATION* phApp);
SKF_EXPORT SKF_EnumApplication(DEVHANDLE hDev, LPSTR szAppName, ULONG* pulSize);
SKF_EXPORT SKF_DeleteApplication(DEVHANDLE hDev, LPSTR szAppName);
SKF_EXPORT SKF_OpenApplication(DEVHANDLE hDev, LPSTR szAppName, HAPPLICATION* phApp);
SKF_EXPORT SKF_CloseApplication(HAPPLICATION hApp);
SKF_EXPORT SKF_CreateFile(HAPPLICATION hApp, LPSTR szFileName, ULONG ulFileSize, ULONG ulReadRights, ULONG ulWriteRights);
SKF_EXPORT SKF_DeleteFile(HAPPLICATION hApp, LPSTR szFileName);
SKF_EXPORT SKF_EnumFiles(HAPPLICATION hApp, LPSTR szFileList, ULONG* pulSize);
SKF_EXPORT SKF_GetFileInfo(HAPPLICATION hApp, LPSTR szFileName, FILEATTRIBUTE* pFileInfo);
SKF_EXPORT SKF_ReadFile(HAPPLICATION hApp, LPSTR szFileName, ULONG ulOffset, ULONG ulSize, BYTE* pbOutData, ULONG* pulOutLen);
SKF_EXPORT SKF_WriteFile(HAPPLICATION hApp, LPSTR szFileName, ULONG ulOffset, BYTE* pbData, ULONG ulSize);
SKF_EXPORT SKF_CreateContainer(HAPPLICATION hApp, LPSTR szContainerName, HCONTAINER* phContainer);
SKF_EXPORT SKF_DeleteContainer(HAPPLICATION hApp, LPSTR szContainerName);
SKF_EXPORT SKF_OpenContainer(HAPPLICATION hApp, LPSTR szContainerName, HCONTAINER* phContainer);
SKF_EXPORT SKF_CloseContainer(HCONTAINER hContainer);
SKF_EXPORT SKF_EnumContainer(HAPPLICATION hApp, LPSTR szContainerName, ULONG* pulSize);
SKF_EXPORT SKF_GetContainerType(HCONTAINER hContainer, ULONG* pulContainerType);
SKF_EXPORT SKF_ImportCertificate(HCONTAINER hContainer, BOOL bSignFlag, BYTE* pbCert, ULONG ulCertLen);
SKF_EXPORT SKF_ExportCertificate(HCONTAINER hContainer, BOOL bSignFlag, BYTE* pbCert, ULONG* pulCertLen);
SKF_EXPORT SKF_GenRandom(DEVHANDLE hDev, BYTE* pbRandom, ULONG ulRandomLen);
SKF_EXPORT SKF_GenExtRSAKey(DEVHANDLE hDev, ULONG ulBitsLen, RSAPRIVATEKEYBLOB* pBlob);
SKF_EXPORT SKF_GenRSAKeyPair(HCONTAINER hContainer, ULONG ulBitsLen, RSAPUBLICKEYBLOB* pBlob);
SKF_EXPORT SKF_ImportRSAKeyPair(HCONTAINER hContainer, ULONG ulSymAlgId, BYTE* pbWrappedKey, ULONG ulWrappedKeyLen, BYTE* pbEncryptedData, ULONG ulEncryptedDataLen);
SKF_EXPORT SKF_RSASignData(HCONTAINER hContainer, BYTE* pbData, ULONG ulDataLen, BYTE* pbSignature, ULONG* pulSignLen);
SKF_EXPORT SKF_RSAVerify(DEVHANDLE hDev, RSAPUBLICKEYBLOB* pBlob, BYTE* pbData, ULONG ulDataLen, BYTE* pbSignature, ULONG ulSignLen);
SKF_EXPORT SKF_RSAExportSessionKey(HCONTAINER hContainer, ULONG ulAlgId, RSAPUBLICKEYBLOB* pPubKey, BYTE* pbData, ULONG* pulDataLen, HANDLE* phSessionKey);
SKF_EXPORT SKF_GenECCKeyPair(HCONTAINER hContainer, ULONG ulAlgId, ECCPUBLICKEYBLOB* pBlob);
SKF_EXPORT SKF_ImportECCKeyPair(HCONTAINER hContainer, ENVELOPEDKEYBLOB* pEnvelopedKeyBlob);
SKF_EXPORT SKF_ECCSignData(HCONTAINER hContainer, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature);
SKF_EXPORT SKF_ECCVerify(DEVHANDLE hDev, ECCPUBLICKEYBLOB* pPubKey, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature);
SKF_EXPORT SKF_ECCExportSessionKey(HCONTAINER hContainer, ULONG ulAlgId, ECCPUBLICKEYBLOB* pPubKey, ECCCIPHERBLOB* pData, HANDLE* phSessionKey);
SKF_EXPORT SKF_ECCDecrypt(HCONTAINER hContainer, ECCCIPHERBLOB* pCipherBlob, BYTE* pbPlainText, ULONG* pulPlainTextLen);
SKF_EXPORT SKF_ExtECCEncrypt(DEVHANDLE hDev, ECCPUBLICKEYBLOB* pPubKey, BYTE* pbPlainText, ULONG ulPlainTextLen, ECCCIPHERBLOB* pCipherText);
SKF_EXPORT SKF_ExtECCDecrypt(DEVHANDLE hDev, ECCPRIVATEKEYBLOB* pPriKey, ECCCIPHERBLOB* pCipherText, BYTE* pbPlainText, ULONG* pulPlainTextLen);
SKF_EXPORT SKF_ExtECCSign(DEVHANDLE hDev, ECCPRIVATEKEYBLOB* pPriKey, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature);
SKF_EXPORT SKF_ExtECCVerify(DEVHANDLE hDev, ECCPUBLICKEYBLOB* pPubKey, BYTE* pbData, ULONG ulDataLen, ECCSIGNATUREBLOB* pSignature);
SKF_EXPORT SKF_ExtRSAPubKeyOperation(DEVHANDLE hDev, RSAPUBLICKEYBLOB* pPubKey, BYTE* pbInput, ULONG ulInputLen, BYTE* pbOutput, ULONG* pulOutputLen);
SKF_EXPORT SKF_ExportPublicKey(HCONTAINER hContainer, BOOL bSignFlag, BYTE* pbBlob, ULONG* pulBlobLen);
SKF_EXPORT SKF_ImportSessionKey(HCONTAINER hContainer, ULONG ulAlgId, BYTE* pbWrapedData, ULONG ulWrapedLen, HANDLE* phKey);
SKF_EXPORT SKF_SetSymmKey(DEVHANDLE hDev, BYTE* pbKey, ULONG ulAlgID, HANDLE* phKey);
SKF_EXPORT SKF_EncryptInit(HANDLE hKey, BLOCKCIPHERPARAM EncryptParam);
SKF_EXPORT SKF_Encrypt(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen);
SKF_EXPORT SKF_EncryptUpdate(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen);
SKF_EXPORT SKF_EncryptFinal(HANDLE hKey, BYTE* pbOut, ULONG* pulOutLen);
SKF_EXPORT SKF_DecryptInit(HANDLE hKey, BLOCKCIPHERPARAM DecryptParam);
SKF_EXPORT SKF_Decrypt(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen);
SKF_EXPORT SKF_DecryptUpdate(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen);
SKF_EXPORT SKF_DecryptFinal(HANDLE hKey, BYTE* pbOut, ULONG* pulOutLen);
SKF_EXPORT SKF_DigestInit(DEVHANDLE hDev, ULONG ulAlgID, ECCPUBLICKEYBLOB* pPubKey, BYTE* pucID, ULONG ulIDLen, HANDLE* phHash);
SKF_EXPORT SKF_Digest(HANDLE hHash, BYTE* pbData, ULONG ulDataLen, BYTE* pbHashData, ULONG* pulHashLen);
SKF_EXPORT SKF_DigestUpdate(HANDLE hHash, BYTE* pbData, ULONG ulDataLen);
SKF_EXPORT SKF_DigestFinal(HANDLE hHash, BYTE* pbHashData, ULONG* pulHashLen);
SKF_EXPORT SKF_MacInit(HANDLE hKey, BLOCKCIPHERPARAM* pMacParam, HANDLE* phMac);
SKF_EXPORT SKF_Mac(HANDLE hMac, BYTE* pbData, ULONG ulDataLen, BYTE* pbMacData, ULONG* pulMacLen);
SKF_EXPORT SKF_MacUpdate(HANDLE hMac, BYTE* pbData, ULONG ulDataLen);
SKF_EXPORT SKF_MacFinal(HANDLE hMac, BYTE* pbMacData, ULONG* pulMacDataLen);
SKF_EXPORT SKF_GenerateAgreementDataWithECC(HCONTAINER hContainer, ULONG ulAlgId, ECCPUBLICKEYBLOB* pTempPub, BYTE* pbID, ULONG ulIDLen, HANDLE* phAgreement);
SKF_EXPORT SKF_GenerateAgreementDataAndKeyWithECC(HANDLE hContainer, ULONG ulAlgId, ECCPUBLICKEYBLOB* pSponsorPub, ECCPUBLICKEYBLOB* pSponsorTempPub, ECCPUBLICKEYBLOB* pTempPub, BYTE* pbID, ULONG ulIDLen, BYTE* pbSponsorID, ULONG ulSponsorIDLen, HANDLE* phKey);
SKF_EXPORT SKF_GenerateKeyWithECC(HANDLE hAgreement, ECCPUBLICKEYBLOB* pPub, ECCPUBLICKEYBLOB* pTempPub, BYTE* pbID, ULONG ulIDLen, HANDLE* phKey);
SKF_EXPORT SKF_CloseHandle(HANDLE hHandle);
