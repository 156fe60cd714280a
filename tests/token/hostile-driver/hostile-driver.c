/*
 * A PKCS#11 library that misbehaves on demand, for tests of the token host. One key with one object that is everything at once; its signatures are wrong.
 *
 * HOSTILE_MODE  what:function[:number[:from-call]], for example
 *               hang:C_Login  crash:C_GetTokenInfo  exit:C_Login  slow:C_GetTokenInfo:200  return:C_FindObjects:0x32:3  once:C_Initialize:0xa
 *               or one of the nonsense words in the table below.
 * HOSTILE_LOG   file that gets a line for every call: its name.
 * HOSTILE_FLAG  CK_TOKEN_INFO flags in hexadecimal instead of 40d.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long ulong;
typedef unsigned char byte;

#define OK 0UL
#define BUFFER_TOO_SMALL 0x150UL
#define NOT_SUPPORTED 0x54UL
#define ATTRIBUTE_TYPE_INVALID 0x12UL

static int is_mode(const char *word) {
  const char *mode = getenv("HOSTILE_MODE");
  return mode != NULL && strcmp(mode, word) == 0;
}

/* Notes the call and misbehaves if this is the one. Returns a return code to give, or 0 to go on. */
static ulong hook(const char *name) {
  const char *log = getenv("HOSTILE_LOG");
  if (log != NULL) {
    FILE *file = fopen(log, "a");
    if (file != NULL) { fprintf(file, "%s\n", name); fclose(file); }
  }
  const char *mode = getenv("HOSTILE_MODE");
  char what[32], function[64];
  unsigned long number = 0, from = 0;
  if (mode == NULL || sscanf(mode, "%31[a-z]:%63[A-Za-z_]:%li:%lu", what, function, (long *)&number, &from) < 2) return OK;
  if (strcmp(function, name) != 0) return OK;
  static unsigned long calls = 0;
  if (++calls < from) return OK;
  if (strcmp(what, "hang") == 0) for (;;) sleep(1000);
  if (strcmp(what, "crash") == 0) { volatile int *nowhere = NULL; *nowhere = 1; }
  if (strcmp(what, "exit") == 0) exit(0);
  if (strcmp(what, "slow") == 0) usleep(number * 1000);
  if (strcmp(what, "return") == 0) return number;
  if (strcmp(what, "once") == 0 && calls == 1) return number;
  return OK;
}

#define HOOK() do { ulong rv = hook(__func__); if (rv != OK) return rv; } while (0)

ulong C_Initialize(void *args) { (void)args; HOOK(); return OK; }
ulong C_Finalize(void *args) { (void)args; HOOK(); return OK; }
ulong C_GetInfo(void *info) { memset(info, 0, 88); HOOK(); return OK; }

ulong C_GetSlotList(byte present, ulong *list, ulong *count) {
  (void)present;
  HOOK();
  ulong slots = is_mode("two-serials") ? 2 : 1;
  if (is_mode("nonsense-slots")) { *count = 1UL << 40; return OK; }
  if (list == NULL) { *count = slots; return OK; }
  if (*count < slots) { *count = slots; return BUFFER_TOO_SMALL; }
  for (ulong i = 0; i < slots; i++) list[i] = 7 + i;
  *count = slots;
  return OK;
}

struct token_info { byte label[32], manufacturer[32], model[16], serial[16]; ulong flags, numbers[10]; byte versions[4], time[16]; };

static void pad(byte *field, size_t size, const char *text) {
  memset(field, ' ', size);
  memcpy(field, text, strlen(text) < size ? strlen(text) : size);
}

ulong C_GetTokenInfo(ulong slot, struct token_info *info) {
  (void)slot;
  HOOK();
  memset(info, 0, sizeof *info);
  pad(info->label, 32, "Hostile key");
  pad(info->manufacturer, 32, "Hostile");
  pad(info->model, 16, "Test");
  pad(info->serial, 16, "HOSTILE0001");
  if (is_mode("gbk-label")) pad(info->label, 32, "\xd5\xd0\xb1\xea\xd6\xa4\xca\xe9"); /* 招标证书 */
  if (is_mode("nul-label")) memcpy(info->label, "short\0rubbish", 13);
  if (is_mode("unterminated")) { memset(info->label, 'L', 32); memset(info->manufacturer, 'M', 32); memset(info->model, 'D', 16); memset(info->serial, 'Z', 16); }
  if (is_mode("garbage")) { for (int i = 0; i < 96; i++) info->label[i] = (byte)(0x80 + i * 7); }
  if (is_mode("blank-serial")) pad(info->serial, 16, "");
  const char *flag = getenv("HOSTILE_FLAG");
  info->flags = flag != NULL ? strtoul(flag, NULL, 16) : 0x40d;
  memset(info->numbers, 0xff, sizeof info->numbers);
  return OK;
}

ulong C_GetMechanismList(ulong slot, ulong *list, ulong *count) {
  (void)slot;
  HOOK();
  if (is_mode("nonsense-mechanisms")) { *count = 1UL << 40; return OK; }
  if (list == NULL) { *count = 3; return OK; }
  list[0] = 1; list[1] = 9; list[2] = 0x40; *count = 3;
  return OK;
}

ulong C_OpenSession(ulong slot, ulong flags, void *app, void *notify, ulong *session) { (void)slot; (void)flags; (void)app; (void)notify; HOOK(); *session = 21; return OK; }
ulong C_CloseSession(ulong session) { (void)session; HOOK(); return OK; }
ulong C_GetSessionInfo(ulong session, ulong *info) { (void)session; HOOK(); info[0] = 7; info[1] = 2; info[2] = 6; info[3] = 0; return OK; }

ulong C_Login(ulong session, ulong user, byte *pin, ulong length) {
  (void)session; (void)user;
  /* As careless drivers do: whoever keeps the output keeps the PIN. */
  fprintf(stderr, "login with %.*s\n", (int)length, (char *)pin);
  HOOK();
  return OK;
}
ulong C_Logout(ulong session) { (void)session; HOOK(); return OK; }
ulong C_SetPIN(ulong session, byte *old_pin, ulong old_length, byte *new_pin, ulong new_length) { (void)session; (void)old_pin; (void)old_length; (void)new_pin; (void)new_length; HOOK(); return OK; }

static int given = 0;
ulong C_FindObjectsInit(ulong session, void *template, ulong count) { (void)session; (void)template; (void)count; HOOK(); given = 0; return OK; }
ulong C_FindObjects(ulong session, ulong *list, ulong most, ulong *count) {
  (void)session;
  HOOK();
  if (is_mode("nonsense-objects")) { *count = 1000000000UL; return OK; }
  if (is_mode("endless-objects")) { for (ulong i = 0; i < most; i++) list[i] = i + 1; *count = most; return OK; }
  *count = given ? 0 : 1;
  if (!given) list[0] = 5;
  given = 1;
  return OK;
}
ulong C_FindObjectsFinal(ulong session) { (void)session; HOOK(); return OK; }

struct attribute { ulong type; byte *value; ulong length; };
ulong C_GetAttributeValue(ulong session, ulong object, struct attribute *attributes, ulong count) {
  (void)session; (void)object;
  HOOK();
  for (ulong i = 0; i < count; i++) {
    if (is_mode("nonsense-attribute")) { attributes[i].length = 1UL << 40; continue; }
    if (is_mode("unavailable-attribute")) { attributes[i].length = ~0UL; continue; }
    if (attributes[i].type == 0x11) { memset(attributes[i].value, 0x30, 40); attributes[i].length = 40; continue; } /* CKA_VALUE: no certificate */
    if (attributes[i].type == 0x120) { memset(attributes[i].value, 0xcd, 256); attributes[i].length = 256; continue; } /* CKA_MODULUS */
    if (attributes[i].type == 0x122) { memcpy(attributes[i].value, "\x01\x00\x01", 3); attributes[i].length = 3; continue; } /* CKA_PUBLIC_EXPONENT */
    if (attributes[i].type == 0x102) { memset(attributes[i].value, 0xaa, 3); attributes[i].length = 3; continue; } /* CKA_ID */
    return ATTRIBUTE_TYPE_INVALID;
  }
  return OK;
}

ulong C_SignInit(ulong session, void *mechanism, ulong key) { (void)session; (void)mechanism; (void)key; HOOK(); return OK; }
ulong C_Sign(ulong session, byte *data, ulong length, byte *signature, ulong *signature_length) {
  (void)session; (void)data; (void)length;
  HOOK();
  memset(signature, 0x5a, 256);
  *signature_length = is_mode("nonsense-signature") ? 1UL << 31 : 256;
  return OK;
}

static ulong nothing(void) { return NOT_SUPPORTED; }

/* Places of CK_FUNCTION_LIST, PKCS#11 2.40. */
static struct { byte version[2]; void *functions[68]; } list = { { 2, 40 }, { 0 } };

ulong C_GetFunctionList(void **result) {
  if (is_mode("no-functions")) return NOT_SUPPORTED;
  for (int i = 0; i < 68; i++) list.functions[i] = (void *)nothing;
  void *known[][2] = {
    { (void *)0, C_Initialize }, { (void *)1, C_Finalize }, { (void *)2, C_GetInfo }, { (void *)3, C_GetFunctionList }, { (void *)4, C_GetSlotList }, { (void *)6, C_GetTokenInfo },
    { (void *)7, C_GetMechanismList }, { (void *)11, C_SetPIN }, { (void *)12, C_OpenSession }, { (void *)13, C_CloseSession }, { (void *)15, C_GetSessionInfo }, { (void *)18, C_Login }, { (void *)19, C_Logout },
    { (void *)24, C_GetAttributeValue }, { (void *)26, C_FindObjectsInit }, { (void *)27, C_FindObjects }, { (void *)28, C_FindObjectsFinal }, { (void *)42, C_SignInit }, { (void *)43, C_Sign },
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) list.functions[(size_t)known[i][0]] = known[i][1];
  *result = &list;
  return OK;
}
