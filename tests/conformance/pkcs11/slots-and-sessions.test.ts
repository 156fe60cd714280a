/** PKCS#11 §5.4 to §5.6: library, slots, tokens, sessions, login. */
import { expect, it } from 'vitest';
import { P, codeOf, describePkcs11 } from '../support/pkcs11-world.ts';

const CKF_TOKEN_PRESENT = 1, CKS_RO_USER_FUNCTIONS = 1, CKS_RW_USER_FUNCTIONS = 3;

describePkcs11('slots and sessions', (world) => {
  it('ok: names itself as version 2.x and lists a slot with a token', () => {
    expect(world.pkcs11.C_GetInfo().cryptokiVersion.major).toBeGreaterThanOrEqual(2);
    expect(world.pkcs11.C_GetSlotList(true).length).toBeGreaterThan(0);
    expect(world.pkcs11.C_GetSlotInfo(world.slot).flags & CKF_TOKEN_PRESENT).toBe(CKF_TOKEN_PRESENT);
  });

  it('ok: the token is initialized, wants a login, and gives its strings padded to their width', () => {
    const info = world.pkcs11.C_GetTokenInfo(world.slot);
    const wanted = P.CKF_TOKEN_INITIALIZED | P.CKF_LOGIN_REQUIRED | P.CKF_USER_PIN_INITIALIZED;
    expect(info.flags & wanted).toBe(wanted);
    expect(info.serialNumber.trim()).not.toBe('');
    expect(info.minPinLen).toBeLessThanOrEqual(info.maxPinLen);
  });

  it('ok: every listed mechanism has information with at least one use', () => {
    for (const mechanism of world.mechanisms) expect(world.pkcs11.C_GetMechanismInfo(world.slot, mechanism).flags, `0x${mechanism.toString(16)}`).not.toBe(0);
  });

  it('refuses: information about a mechanism that is not listed', () => {
    expect(codeOf(() => world.pkcs11.C_GetMechanismInfo(world.slot, 0x7ffffff0))).toBe(P.CKR_MECHANISM_INVALID);
  });

  it('ok: a session of one login shows it in all sessions of the token', () => {
    const other = world.openSession(false);
    expect(world.pkcs11.C_GetSessionInfo(world.session).state).toBe(CKS_RW_USER_FUNCTIONS);
    expect(world.pkcs11.C_GetSessionInfo(other).state).toBe(CKS_RO_USER_FUNCTIONS);
    world.pkcs11.C_CloseSession(other);
  });

  it('refuses: a session that is not serial', () => {
    expect(codeOf(() => world.pkcs11.C_OpenSession(world.slot, P.CKF_RW_SESSION))).toBe(P.CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  });

  it('refuses: a closed session', () => {
    const other = world.openSession();
    world.pkcs11.C_CloseSession(other);
    expect(codeOf(() => world.pkcs11.C_GetSessionInfo(other))).toBe(P.CKR_SESSION_HANDLE_INVALID);
  });

  it('refuses: a second login, and a login as someone else', () => {
    expect(codeOf(() => world.pkcs11.C_Login(world.session, P.CKU_USER, world.token.userPin))).toBe(P.CKR_USER_ALREADY_LOGGED_IN);
    expect(codeOf(() => world.pkcs11.C_Login(world.session, P.CKU_SO, '00000000'))).toBe(P.CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  });

  it('refuses: to initialize twice', () => {
    expect(codeOf(() => world.pkcs11.C_Initialize())).toBe(P.CKR_CRYPTOKI_ALREADY_INITIALIZED);
  });

  it('refuses: an administrator login while a read-only session is open', (context) => {
    context.skip(world.token.soPin === null, 'no administrator PIN');
    world.pkcs11.C_Logout(world.session);
    const readOnly = world.openSession(false);
    expect(codeOf(() => world.pkcs11.C_Login(world.session, P.CKU_SO, world.token.soPin ?? ''))).toBe(P.CKR_SESSION_READ_ONLY_EXISTS);
    world.pkcs11.C_CloseSession(readOnly);
    world.pkcs11.C_Login(world.session, P.CKU_USER, world.token.userPin);
  });

  it('ok: the user changes the PIN; the old one is refused, the new one opens', () => {
    const next = '19283746';
    world.pkcs11.C_SetPIN(world.session, world.token.userPin, next);
    world.pkcs11.C_Logout(world.session);
    expect(codeOf(() => world.pkcs11.C_Login(world.session, P.CKU_USER, world.token.userPin))).toBe(P.CKR_PIN_INCORRECT);
    world.pkcs11.C_Login(world.session, P.CKU_USER, next);
    world.pkcs11.C_SetPIN(world.session, next, world.token.userPin);
  });

  it('refuses: a new PIN that is too long', () => {
    const tooLong = '9'.repeat(world.pkcs11.C_GetTokenInfo(world.slot).maxPinLen + 1);
    expect(codeOf(() => world.pkcs11.C_SetPIN(world.session, world.token.userPin, tooLong))).toBe(P.CKR_PIN_LEN_RANGE);
  });

  it('ok: wrong PINs are counted in the flags, the right one clears them', (context) => {
    world.needsStandard(context, 'pin-counters');
    world.pkcs11.C_Logout(world.session);
    expect(codeOf(() => world.pkcs11.C_Login(world.session, P.CKU_USER, '00000000'))).toBe(P.CKR_PIN_INCORRECT);
    expect(world.pkcs11.C_GetTokenInfo(world.slot).flags & P.CKF_USER_PIN_COUNT_LOW).toBe(P.CKF_USER_PIN_COUNT_LOW);
    world.pkcs11.C_Login(world.session, P.CKU_USER, world.token.userPin);
    expect(world.pkcs11.C_GetTokenInfo(world.slot).flags & P.CKF_USER_PIN_COUNT_LOW).toBe(0);
  });

  it('ok: random numbers come in the asked length and differ', () => {
    const first = world.pkcs11.C_GenerateRandom(world.session, Buffer.alloc(64));
    expect(first).toHaveLength(64);
    expect(first.equals(world.pkcs11.C_GenerateRandom(world.session, Buffer.alloc(64)))).toBe(false);
  });

  it('ok: no slot event is reported when nothing happened', () => {
    expect(world.pkcs11.C_WaitForSlotEvent(P.CKF_DONT_BLOCK)).toBeNull();
  });
});
