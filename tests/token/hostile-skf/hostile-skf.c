/*
 * An SKF library (GM/T 0016) that misbehaves on demand, for tests of the token host. One device with one application and one container, whose answers are
 * plain nonsense or built with another ABI. Compiled with -DULONG_BITS=64 it is a library whose ULONG has 8 bytes, with -DNO_PACK one without packing.
 *
 * HOSTILE_MODE  what:function, for example hang:SKF_VerifyPIN  crash:SKF_EnumDev  return:SKF_GenECCKeyPair:0x0a000003, or one of the words in the functions below.
 * HOSTILE_LOG   file that gets a line for every call: its name.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if ULONG_BITS == 64
typedef uint64_t ULONG;
typedef long BOOL;
#else
typedef uint32_t ULONG;
typedef int BOOL;
#endif
typedef unsigned char BYTE;

#ifndef NO_PACK
#pragma pack(push, 1)
#endif
struct DEVINFO { BYTE version[2], manufacturer[64], issuer[64], label[32], serial[32], hw[2], fw[2]; ULONG symCap, asymCap, hashCap, authAlg, totalSpace, freeSpace, maxEcc, maxBuffer; BYTE reserved[64]; };
struct ECCPUBLICKEYBLOB { ULONG bitLen; BYTE x[64], y[64]; };
#ifndef NO_PACK
#pragma pack(pop)
#endif

#define OK 0u
#define TOO_SMALL 0x0a000020u
#define PIN_INCORRECT 0x0a000024u
#define KEY_NOT_FOUND 0x0a00001bu
#define CERT_NOT_FOUND 0x0a00001cu
#define HANDLE(n) ((void *)(uintptr_t)(n))

static int is_mode(const char *word) {
  const char *mode = getenv("HOSTILE_MODE");
  return mode != NULL && strcmp(mode, word) == 0;
}

static int begins_with(const char *word) {
  const char *mode = getenv("HOSTILE_MODE");
  return mode != NULL && strncmp(mode, word, strlen(word)) == 0;
}

static uint32_t hook(const char *name) {
  const char *log = getenv("HOSTILE_LOG");
  if (log != NULL) {
    FILE *file = fopen(log, "a");
    if (file != NULL) { fprintf(file, "%s\n", name); fclose(file); }
  }
  const char *mode = getenv("HOSTILE_MODE");
  char what[32], function[64];
  long number = 0;
  if (mode == NULL || sscanf(mode, "%31[a-z]:%63[A-Za-z_]:%li", what, function, &number) < 2 || strcmp(function, name) != 0) return OK;
  if (strcmp(what, "hang") == 0) for (;;) sleep(1000);
  if (strcmp(what, "crash") == 0) { volatile int *nowhere = NULL; *nowhere = 1; }
  if (strcmp(what, "return") == 0) return (uint32_t)number;
  return OK;
}
#define HOOK() do { uint32_t rv = hook(__func__); if (rv != OK) return rv; } while (0)

/* A list of one name, in the many ways in which it can be wrong. */
static ULONG give_list(const char *name, char *out, ULONG *size) {
  ULONG needed = strlen(name) + 2;
  if (is_mode("nonsense-lists")) { *size = 0x7fffffff; return OK; }
  if (is_mode("size-too-great")) { memcpy(out, name, needed - 1); out[needed - 1] = 0; *size = 4000; return OK; }
  if (is_mode("list-unterminated")) { memcpy(out, name, needed - 2); *size = needed - 2; return OK; }
  if (out == NULL) { *size = needed; return OK; }
  if (*size < needed) { *size = needed; return TOO_SMALL; }
  memset(out, 0, needed);
  memcpy(out, name, needed - 2);
  *size = needed;
  return OK;
}

ULONG SKF_EnumDev(BOOL present, char *list, ULONG *size) {
  (void)present;
  HOOK();
  if (is_mode("no-device")) { *size = 0; return OK; }
  return give_list("Hostile 1", list, size);
}
ULONG SKF_ConnectDev(char *name, void **device) {
  HOOK();
  if (strcmp(name, "Hostile 1") != 0) return 0x0a000006u;
  if (is_mode("null-handle")) { *device = NULL; return OK; }
  *device = HANDLE(16);
  return OK;
}
ULONG SKF_DisConnectDev(void *device) { (void)device; HOOK(); return OK; }

ULONG SKF_GetDevInfo(void *device, struct DEVINFO *info) {
  (void)device;
  HOOK();
  memset(info, 0, sizeof *info);
  strcpy((char *)info->manufacturer, "Hostile");
  strcpy((char *)info->issuer, "Test");
  strcpy((char *)info->label, "Hostile key");
  strcpy((char *)info->serial, "HOSTILE0001");
  info->freeSpace = 12345;
  if (is_mode("gbk-label")) strcpy((char *)info->label, "\xd5\xd0\xb1\xea\xd6\xa4\xca\xe9"); /* 招标证书 */
  if (is_mode("unterminated")) { memset(info->label, 'L', 32); memset(info->manufacturer, 'M', 64); memset(info->issuer, 'I', 64); memset(info->serial, 'Z', 32); }
  if (is_mode("garbage")) { for (int i = 0; i < 192; i++) info->manufacturer[i] = (BYTE)(0x80 + i * 7); info->freeSpace = (ULONG)-1; }
  if (is_mode("blank-serial")) memset(info->serial, ' ', 32);
  return OK;
}

ULONG SKF_EnumApplication(void *device, char *list, ULONG *size) {
  (void)device;
  HOOK();
  if (is_mode("no-application")) { *size = 0; return OK; }
  if (is_mode("two-applications")) { memcpy(list, "FIRST\0SECOND\0", 14); *size = 14; return OK; }
  return give_list("APP", list, size);
}
ULONG SKF_OpenApplication(void *device, char *name, void **application) { (void)device; (void)name; HOOK(); *application = HANDLE(32); return OK; }
ULONG SKF_CloseApplication(void *application) { (void)application; HOOK(); return OK; }

ULONG SKF_GetPINInfo(void *application, ULONG type, ULONG *most, ULONG *left, BOOL *is_default) {
  (void)application; (void)type;
  HOOK();
  *most = 10; *left = 3; *is_default = is_mode("default-pin");
  if (is_mode("pin-counts-lie")) { *most = 3; *left = 200; }
  return OK;
}
ULONG SKF_VerifyPIN(void *application, ULONG type, char *pin, ULONG *retries) {
  (void)application; (void)type;
  HOOK();
  *retries = 2;
  return strcmp(pin, "12345678") == 0 ? OK : PIN_INCORRECT;
}
ULONG SKF_ClearSecureState(void *application) { (void)application; HOOK(); return OK; }

ULONG SKF_EnumContainer(void *application, char *list, ULONG *size) {
  (void)application;
  HOOK();
  if (is_mode("long-names")) { memset(list, 'n', 200); list[200] = list[201] = 0; *size = 202; return OK; }
  return give_list("00112233445566778899aabbccddeeff", list, size);
}
ULONG SKF_OpenContainer(void *application, char *name, void **container) { (void)application; (void)name; HOOK(); *container = HANDLE(48); return OK; }
ULONG SKF_CloseContainer(void *container) { (void)container; HOOK(); return OK; }

/* The generator of the SM2 curve: a public key that everybody knows. */
static const BYTE GX[32] = {0x32,0xc4,0xae,0x2c,0x1f,0x19,0x81,0x19,0x5f,0x99,0x04,0x46,0x6a,0x39,0xc9,0x94,0x8f,0xe3,0x0b,0xbf,0xf2,0x66,0x0b,0xe1,0x71,0x5a,0x45,0x89,0x33,0x4c,0x74,0xc7};
static const BYTE GY[32] = {0xbc,0x37,0x36,0xa2,0xf4,0xf6,0x77,0x9c,0x59,0xbd,0xce,0xe3,0x6b,0x69,0x21,0x53,0xd0,0xa9,0x87,0x7c,0xc6,0x2a,0x47,0x40,0x02,0xdf,0x32,0xe5,0x21,0x39,0xf0,0xa0};

ULONG SKF_ExportPublicKey(void *container, BOOL sign, BYTE *out, ULONG *size) {
  (void)container;
  HOOK();
  if (!sign || begins_with("no-keys")) return KEY_NOT_FOUND;
  if (is_mode("key-length-lies")) { *size = 90000; return OK; }
  if (is_mode("key-odd-length")) { *size = 100; return OK; }
  struct ECCPUBLICKEYBLOB blob;
  memset(&blob, 0, sizeof blob);
  blob.bitLen = 256;
  size_t at = is_mode("left-aligned") ? 0 : 32;
  memcpy(blob.x + at, GX, 32);
  memcpy(blob.y + at, GY, 32);
  if (is_mode("off-curve")) blob.x[40] ^= 1;
  if (*size < sizeof blob) return TOO_SMALL;
  memcpy(out, &blob, sizeof blob);
  *size = sizeof blob;
  return OK;
}

ULONG SKF_ExportCertificate(void *container, BOOL sign, BYTE *out, ULONG *size) {
  (void)container; (void)sign; (void)out;
  HOOK();
  if (is_mode("certificate-length-lies")) { *size = 1000000; return OK; }
  if (is_mode("empty-certificate")) { *size = 0; return OK; }
  if (is_mode("certificate-is-garbage")) { memset(out, 0x30, 500); *size = 500; return OK; }
  return CERT_NOT_FOUND;
}

ULONG SKF_GenECCKeyPair(void *container, ULONG algorithm, BYTE *out) {
  (void)container; (void)out;
  HOOK();
  if (is_mode("no-keys-no-number")) return 0x0a000003u;
  return is_mode("no-keys-old-number") && algorithm != 0x00020100 ? 0x0a000006u : OK;
}
/* Signs nothing: the signature is wrong. */
ULONG SKF_ECCSignData(void *container, BYTE *data, ULONG size, BYTE *out) { (void)container; (void)data; (void)size; HOOK(); memset(out, 1, 128); return OK; }
