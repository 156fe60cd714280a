/** PKCS#11 §4 and §5.7: objects, attributes, who sees what. */
import type { Template } from 'pkcs11js';
import { expect, it } from 'vitest';
import { P, codeOf, describePkcs11, type Pkcs11World } from '../support/pkcs11-world.ts';

const dataObject = (label: string, isPrivate: boolean, onToken = true): Template => [
  { type: P.CKA_CLASS, value: P.CKO_DATA }, { type: P.CKA_TOKEN, value: onToken }, { type: P.CKA_PRIVATE, value: isPrivate },
  { type: P.CKA_LABEL, value: label }, { type: P.CKA_VALUE, value: Buffer.from(`value of ${label}`) },
];
const aesKey = (...more: Template): Template => [
  { type: P.CKA_CLASS, value: P.CKO_SECRET_KEY }, { type: P.CKA_KEY_TYPE, value: P.CKK_AES }, { type: P.CKA_TOKEN, value: false }, { type: P.CKA_PRIVATE, value: true },
  { type: P.CKA_VALUE, value: Buffer.alloc(16, 7) }, ...more,
];
const byLabel = (world: Pkcs11World, label: string) => world.find([{ type: P.CKA_LABEL, value: label }]);

describePkcs11('objects', (world) => {
  it('ok: what is stored is read back byte for byte', () => {
    const object = world.pkcs11.C_CreateObject(world.session, dataObject('stored', false));
    expect(world.attribute(object, P.CKA_VALUE).toString()).toBe('value of stored');
    expect(world.pkcs11.C_GetObjectSize(world.session, object)).toBeGreaterThan(0);
  });

  it('ok: a private object is seen while the user is logged in, and only then', () => {
    world.pkcs11.C_CreateObject(world.session, dataObject('hidden', true));
    expect(byLabel(world, 'hidden')).toHaveLength(1);
    world.pkcs11.C_Logout(world.session);
    expect(byLabel(world, 'hidden')).toHaveLength(0);
    expect(byLabel(world, 'stored')).toHaveLength(1);
    expect(codeOf(() => world.pkcs11.C_CreateObject(world.session, dataObject('unseen', true)))).toBe(P.CKR_USER_NOT_LOGGED_IN);
    world.pkcs11.C_Login(world.session, P.CKU_USER, world.token.userPin);
    expect(byLabel(world, 'hidden')).toHaveLength(1);
  });

  it('ok: a session object ends with its session, a token object stays', () => {
    const other = world.openSession();
    world.pkcs11.C_CreateObject(other, dataObject('passing', false, false));
    expect(byLabel(world, 'passing')).toHaveLength(1);
    world.pkcs11.C_CloseSession(other);
    expect(byLabel(world, 'passing')).toHaveLength(0);
  });

  it('refuses: a token object in a read-only session', () => {
    const readOnly = world.openSession(false);
    expect(codeOf(() => world.pkcs11.C_CreateObject(readOnly, dataObject('never', false)))).toBe(P.CKR_SESSION_READ_ONLY);
    world.pkcs11.C_CloseSession(readOnly);
  });

  it('ok: a label is changed, the class is not', () => {
    const object = world.pkcs11.C_CreateObject(world.session, dataObject('before', false));
    world.pkcs11.C_SetAttributeValue(world.session, object, [{ type: P.CKA_LABEL, value: 'after' }]);
    expect(world.attribute(object, P.CKA_LABEL).toString()).toBe('after');
    expect(codeOf(() => world.pkcs11.C_SetAttributeValue(world.session, object, [{ type: P.CKA_CLASS, value: P.CKO_CERTIFICATE }]))).not.toBe(0);
  });

  it('ok: a copy is an object of its own', () => {
    const object = world.pkcs11.C_CreateObject(world.session, dataObject('original', false));
    const copy = world.pkcs11.C_CopyObject(world.session, object, [{ type: P.CKA_LABEL, value: 'copy' }]);
    world.pkcs11.C_DestroyObject(world.session, object);
    expect(world.attribute(copy, P.CKA_VALUE).toString()).toBe('value of original');
    expect(codeOf(() => world.attribute(object, P.CKA_VALUE))).toBe(P.CKR_OBJECT_HANDLE_INVALID);
  });

  it('refuses: to show the value of a sensitive key, and that of one that is not extractable', () => {
    const sensitive = world.pkcs11.C_CreateObject(world.session, aesKey({ type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: true }));
    expect(codeOf(() => world.attribute(sensitive, P.CKA_VALUE))).toBe(P.CKR_ATTRIBUTE_SENSITIVE);
    const kept = world.pkcs11.C_CreateObject(world.session, aesKey({ type: P.CKA_SENSITIVE, value: false }, { type: P.CKA_EXTRACTABLE, value: false }));
    expect(codeOf(() => world.attribute(kept, P.CKA_VALUE))).toBe(P.CKR_ATTRIBUTE_SENSITIVE);
    const open = world.pkcs11.C_CreateObject(world.session, aesKey({ type: P.CKA_SENSITIVE, value: false }, { type: P.CKA_EXTRACTABLE, value: true }));
    expect(world.attribute(open, P.CKA_VALUE)).toEqual(Buffer.alloc(16, 7));
  });

  it('refuses: sensitive back to false, extractable back to true', () => {
    const key = world.pkcs11.C_CreateObject(world.session, aesKey({ type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: false }));
    expect(codeOf(() => world.pkcs11.C_SetAttributeValue(world.session, key, [{ type: P.CKA_SENSITIVE, value: false }]))).toBe(P.CKR_ATTRIBUTE_READ_ONLY);
    expect(codeOf(() => world.pkcs11.C_SetAttributeValue(world.session, key, [{ type: P.CKA_EXTRACTABLE, value: true }]))).toBe(P.CKR_ATTRIBUTE_READ_ONLY);
  });

  it('ok: a key born in the token says so, one brought in does not', (context) => {
    world.needs(context, P.CKM_AES_KEY_GEN);
    const born = world.pkcs11.C_GenerateKey(world.session, { mechanism: P.CKM_AES_KEY_GEN }, [
      { type: P.CKA_TOKEN, value: false }, { type: P.CKA_VALUE_LEN, value: 32 }, { type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: false }]);
    const brought = world.pkcs11.C_CreateObject(world.session, aesKey({ type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: false }));
    for (const type of [P.CKA_LOCAL, P.CKA_ALWAYS_SENSITIVE, P.CKA_NEVER_EXTRACTABLE]) {
      expect(world.attribute(born, type)[0]).toBe(1);
      expect(world.attribute(brought, type)[0]).toBe(0);
    }
  });

  it('refuses: what the library alone decides (local, always sensitive)', () => {
    for (const type of [P.CKA_LOCAL, P.CKA_ALWAYS_SENSITIVE]) expect(codeOf(() => world.pkcs11.C_CreateObject(world.session, aesKey({ type, value: true })))).not.toBe(0);
  });

  it('refuses: an object without a class, and a boolean of five bytes', () => {
    expect(codeOf(() => world.pkcs11.C_CreateObject(world.session, [{ type: P.CKA_TOKEN, value: false }]))).toBe(P.CKR_TEMPLATE_INCOMPLETE);
    expect(codeOf(() => world.pkcs11.C_CreateObject(world.session, [...dataObject('odd', false, false).slice(0, 1), { type: P.CKA_TOKEN, value: Buffer.alloc(5) }]))).toBe(P.CKR_ATTRIBUTE_VALUE_INVALID);
  });

  it('ok: a search finds all that fits and nothing else, in pieces too', () => {
    for (let i = 0; i < 7; i++) world.pkcs11.C_CreateObject(world.session, dataObject('many', false, false));
    world.pkcs11.C_FindObjectsInit(world.session, [{ type: P.CKA_LABEL, value: 'many' }]);
    const sizes: number[] = [];
    for (let part = world.pkcs11.C_FindObjects(world.session, 3); part.length > 0; part = world.pkcs11.C_FindObjects(world.session, 3)) sizes.push(part.length);
    world.pkcs11.C_FindObjectsFinal(world.session);
    expect(sizes).toEqual([3, 3, 1]);
    expect(world.find([{ type: P.CKA_LABEL, value: 'none such' }])).toEqual([]);
  });

  it('refuses: a second search while one runs', () => {
    world.pkcs11.C_FindObjectsInit(world.session, []);
    expect(codeOf(() => world.pkcs11.C_FindObjectsInit(world.session, []))).toBe(P.CKR_OPERATION_ACTIVE);
    world.pkcs11.C_FindObjectsFinal(world.session);
  });
});
