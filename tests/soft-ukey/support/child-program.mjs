/**
 * One deed on a software UKey in a process of its own, so that it may crash, lose power or be killed: `node child-program.mjs <deed> <pin> [more]`.
 * Prints `done` (or what the deed answers) when it went well; a driver code as `code <n>`.
 */
import pkcs11js from 'pkcs11js';

const [, , deed, library, pin, more] = process.argv;
const P = pkcs11js;
const pkcs11 = new P.PKCS11();
pkcs11.load(library);
pkcs11.C_Initialize();
const slot = pkcs11.C_GetSlotList(true)[0];
const session = pkcs11.C_OpenSession(slot, P.CKF_SERIAL_SESSION | P.CKF_RW_SESSION);
const login = () => pkcs11.C_Login(session, P.CKU_USER, pin);
process.stdout.write('ready\n');
const find = (template) => {
  pkcs11.C_FindObjectsInit(session, template);
  const found = pkcs11.C_FindObjects(session, 100);
  pkcs11.C_FindObjectsFinal(session);
  return found;
};

const DEEDS = {
  login,
  'generate-sm2': () => {
    login();
    const common = [{ type: P.CKA_TOKEN, value: true }, { type: P.CKA_ID, value: Buffer.from(more) }];
    pkcs11.C_GenerateKeyPair(session, { mechanism: 0x80008001 }, common, common);
  },
  'public-point': () => {
    const [key] = find([{ type: P.CKA_CLASS, value: P.CKO_PUBLIC_KEY }]);
    return pkcs11.C_GetAttributeValue(session, key, [{ type: P.CKA_EC_POINT }])[0].value.subarray(-65).toString('hex');
  },
  /** Takes an SM2EnvelopedKey in. */
  import: () => {
    login();
    const [opener] = find([{ type: P.CKA_CLASS, value: P.CKO_PRIVATE_KEY }]);
    pkcs11.C_UnwrapKey(session, { mechanism: 0x80008f01 }, opener, Buffer.from(more, 'hex'), [{ type: P.CKA_CLASS, value: P.CKO_PRIVATE_KEY }, { type: P.CKA_TOKEN, value: true }]);
  },
  /** Which of two PINs opens: the codes of both logins. */
  'try-both': () => [pin, more].map((one) => {
    try {
      pkcs11.C_Login(session, P.CKU_USER, one);
      pkcs11.C_Logout(session);
      return 0;
    } catch (wrong) {
      return wrong.code;
    }
  }).join(' '),
  'create-data': () => {
    login();
    pkcs11.C_CreateObject(session, [{ type: P.CKA_CLASS, value: P.CKO_DATA }, { type: P.CKA_TOKEN, value: true }, { type: P.CKA_PRIVATE, value: true }, { type: P.CKA_LABEL, value: more }, { type: P.CKA_VALUE, value: Buffer.alloc(100) }]);
  },
  'change-pin': () => {
    login();
    pkcs11.C_SetPIN(session, pin, more);
  },
  'count-objects': () => {
    login();
    return find([]).length;
  },
  /** Signs with every private key on the token: none may be half written. */
  'use-all-keys': () => {
    login();
    const keys = find([{ type: P.CKA_CLASS, value: P.CKO_PRIVATE_KEY }]);
    for (const key of keys) {
      pkcs11.C_SignInit(session, { mechanism: 0x80008104 }, key);
      pkcs11.C_Sign(session, Buffer.alloc(32, 7), Buffer.alloc(80));
    }
    return `${keys.length} of ${find([{ type: P.CKA_CLASS, value: P.CKO_PUBLIC_KEY }]).length}`;
  },
  'guess-for-ever': () => {
    for (;;) {
      try {
        login();
      } catch (wrong) {
        process.stdout.write(`${wrong instanceof Error ? wrong.message : wrong}\n`);
      }
    }
  },
};

try {
  const answer = DEEDS[deed]();
  process.stdout.write(`${answer ?? 'done'}\n`);
} catch (refused) {
  const code = refused instanceof P.Pkcs11Error ? refused.code : Number(/:(\d+)$/.exec(refused.message)?.[1]);
  process.stdout.write(`code ${code}\n`);
}
process.exit(0);
