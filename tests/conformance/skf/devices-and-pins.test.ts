/** GM/T 0016 §7.1 to §7.4: devices, device authentication, PINs, applications, files. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { PIN, SAR, SGD, cell, cipherParam, describeSkf, handleIn, numberIn, sizeCell } from '../support/skf-world.ts';

describeSkf('devices and PINs', (world) => {
  const pinInfo = () => {
    const [max, left, isDefault] = [cell(), cell(), cell()];
    world.skf.must('SKF_GetPINInfo', world.application, PIN.USER, max, left, isDefault);
    return { max: numberIn(max), left: numberIn(left), isDefault: numberIn(isDefault) };
  };

  it('ok: DEVINFO has 294 bytes, not one more is written', () => {
    const buffer = Buffer.alloc(512, 0xee);
    world.skf.must('SKF_GetDevInfo', world.device, buffer);
    expect(buffer.subarray(294).every((byte) => byte === 0xee)).toBe(true);
    const serial = buffer.subarray(162, 194).toString('utf8').replace(/\0.*$/s, '');
    expect(serial).not.toBe('');
    if (world.softUkey) expect(serial).toBe(world.softUkey.serial);
    expect(buffer.readUInt32LE(198) & SGD.SM4_ECB).toBe(SGD.SM4_ECB);
    expect(buffer.readUInt32LE(218)).toBeLessThanOrEqual(buffer.readUInt32LE(214));
  });

  it('ok: the list of devices is asked for its size, then given; a short buffer is refused', () => {
    const size = cell();
    world.skf.must('SKF_EnumDev', 1, null, size);
    expect(numberIn(size)).toBeGreaterThan(2);
    expect(world.skf.call('SKF_EnumDev', 1, Buffer.alloc(2), sizeCell(2))).toBe(SAR.BUFFER_TOO_SMALL);
    expect(world.skf.names('SKF_EnumDev', 1).length).toBeGreaterThan(0);
  });

  it('refuses: a handle of the wrong kind, one that is closed, one that never was', () => {
    expect(world.skf.call('SKF_GenRandom', world.application, Buffer.alloc(8), 8)).toBe(SAR.INVALIDHANDLE);
    expect(world.skf.call('SKF_GenRandom', 0xdeadbeefn, Buffer.alloc(8), 8)).toBe(SAR.INVALIDHANDLE);
    const container = world.newContainer('closed');
    world.skf.must('SKF_CloseContainer', container);
    expect(world.skf.call('SKF_GetContainerType', container, cell())).toBe(SAR.INVALIDHANDLE);
  });

  it('ok: a wrong PIN costs one try and says how many are left; the right one gives them back', (context) => {
    context.skip(world.softUkey === null, 'tries are not spent on a key of others');
    const before = pinInfo();
    const left = cell();
    expect(world.skf.call('SKF_VerifyPIN', world.application, PIN.USER, '00000000', left)).toBe(SAR.PIN_INCORRECT);
    expect(numberIn(left)).toBe(before.max - 1);
    expect(pinInfo().left).toBe(before.max - 1);
    world.skf.must('SKF_VerifyPIN', world.application, PIN.USER, world.library.userPin, left);
    expect(pinInfo()).toMatchObject({ left: before.max });
  });

  it('ok: a changed PIN is no longer the default one; lengths are kept', (context) => {
    context.skip(world.softUkey === null, 'the PIN of a key of others stays');
    expect(pinInfo().isDefault).toBe(1);
    world.skf.must('SKF_ChangePIN', world.application, PIN.USER, world.library.userPin, '56473829', cell());
    expect(pinInfo().isDefault).toBe(0);
    world.skf.must('SKF_ChangePIN', world.application, PIN.USER, '56473829', world.library.userPin, cell());
    expect(world.skf.call('SKF_ChangePIN', world.application, PIN.USER, world.library.userPin, '12', cell())).toBe(SAR.PIN_LEN_RANGE);
  });

  it('ok: locked after the last try, unblocked by the administrator, keys kept', (context) => {
    context.skip(world.softUkey === null, 'a key of others is not locked');
    const point = world.generate(world.newContainer('survives'));
    const { max } = pinInfo();
    for (let i = 0; i < max; i++) expect(world.skf.call('SKF_VerifyPIN', world.application, PIN.USER, '00000000', cell())).toBe(SAR.PIN_INCORRECT);
    expect(world.skf.call('SKF_VerifyPIN', world.application, PIN.USER, world.library.userPin, cell())).toBe(SAR.PIN_LOCKED);
    expect(pinInfo().left).toBe(0);
    expect(world.skf.call('SKF_UnblockPIN', world.application, 'wrong-admin', world.library.userPin, cell())).toBe(SAR.PIN_INCORRECT);
    world.skf.must('SKF_UnblockPIN', world.application, world.adminPin, world.library.userPin, cell());
    world.skf.must('SKF_VerifyPIN', world.application, PIN.USER, world.library.userPin, cell());
    const container = world.skf.handle('SKF_OpenContainer', world.application, 'survives');
    expect(world.skf.bytes('SKF_ExportPublicKey', container, 1).subarray(36, 68)).toEqual(point.subarray(1, 33));
    world.skf.must('SKF_ECCSignData', container, randomBytes(32), 32, Buffer.alloc(128));
  });

  it('ok: cleared security state means: not logged in', () => {
    world.skf.must('SKF_ClearSecureState', world.application);
    expect(world.skf.call('SKF_CreateContainer', world.application, 'nobody', cell())).toBe(SAR.USER_NOT_LOGGED_IN);
    world.skf.must('SKF_VerifyPIN', world.application, PIN.USER, world.library.userPin, cell());
  });

  it('ok: device authentication opens the making of an application; without it that is refused', (context) => {
    context.skip(world.softUkey === null, 'the device key of others is not known');
    const create = (name: string, out = cell()) => ({ code: world.skf.call('SKF_CreateApplication', world.device, name, 'admin-pin', 5, 'user-pin', 6, 0x10, out), out });
    expect(create('Second').code).toBe(SAR.USER_NOT_LOGGED_IN);
    const challenge = Buffer.alloc(16);
    world.skf.must('SKF_GenRandom', world.device, challenge.subarray(0, 8), 8);
    const cipher = createCipheriv('sm4-ecb', Buffer.from('1234567812345678'), null).setAutoPadding(false);
    world.skf.must('SKF_DevAuth', world.device, Buffer.concat([cipher.update(challenge), cipher.final()]), 16);
    const { code, out } = create('Second');
    expect(code).toBe(SAR.OK);
    expect(create('Second').code).toBe(SAR.APPLICATION_EXISTS);
    expect(world.skf.names('SKF_EnumApplication', world.device)).toEqual(['BidKeyApp', 'Second']);
    world.skf.must('SKF_VerifyPIN', handleIn(out), PIN.USER, 'user-pin', cell());
    expect(world.skf.names('SKF_EnumContainer', handleIn(out))).toEqual([]);
    world.skf.must('SKF_DeleteApplication', world.device, 'Second');
    expect(world.skf.call('SKF_OpenApplication', world.device, 'Second', cell())).toBe(SAR.APPLICATION_NOT_EXISTS);
  });

  it('ok: the same computation by the key itself (SetSymmKey, EncryptInit by value, Encrypt)', () => {
    const key = world.skf.handle('SKF_SetSymmKey', world.device, Buffer.from('1234567812345678'), SGD.SM4_ECB);
    world.skf.must('SKF_EncryptInit', key, cipherParam());
    const cipher = createCipheriv('sm4-ecb', Buffer.from('1234567812345678'), null).setAutoPadding(false);
    expect(world.skf.bytesAtOnce('SKF_Encrypt', key, Buffer.alloc(16, 9), 16)).toEqual(cipher.update(Buffer.alloc(16, 9)));
    world.skf.must('SKF_CloseHandle', key);
  });

  it('ok: a file is made, written in parts, read in parts, removed; what only the user may read is closed to others', (context) => {
    context.skip(world.softUkey === null, 'nothing is written to a key of others');
    // The application was made with "anyone may create files".
    world.skf.must('SKF_CreateFile', world.application, 'ledger', 100, 0x10, 0x10);
    expect(world.skf.call('SKF_CreateFile', world.application, 'ledger', 100, 0x10, 0x10)).toBe(SAR.FILE_ALREADY_EXIST);
    world.skf.must('SKF_WriteFile', world.application, 'ledger', 10, Buffer.from('hello'), 5);
    expect(world.skf.bytes('SKF_ReadFile', world.application, 'ledger', 8, 9)).toEqual(Buffer.from('\0\0hello\0\0'));
    expect(world.skf.call('SKF_WriteFile', world.application, 'ledger', 98, Buffer.alloc(3), 3)).toBe(SAR.INDATALEN);
    const info = Buffer.alloc(64, 0xee);
    world.skf.must('SKF_GetFileInfo', world.application, 'ledger', info);
    expect([info.readUInt32LE(32), info.readUInt32LE(36), info[44]]).toEqual([100, 0x10, 0xee]);
    world.skf.must('SKF_ClearSecureState', world.application);
    expect(world.skf.call('SKF_ReadFile', world.application, 'ledger', 0, 5, Buffer.alloc(5), sizeCell(5))).toBe(SAR.USER_NOT_LOGGED_IN);
    world.skf.must('SKF_VerifyPIN', world.application, PIN.USER, world.library.userPin, cell());
    expect(world.skf.names('SKF_EnumFiles', world.application)).toEqual(['ledger']);
    world.skf.must('SKF_DeleteFile', world.application, 'ledger');
    expect(world.skf.call('SKF_DeleteFile', world.application, 'ledger')).toBe(SAR.FILE_NOT_EXIST);
    expect(world.skf.call('SKF_CreateFile', world.application, 'huge', 10_000_000, 0x10, 0x10)).toBe(SAR.NO_ROOM);
  });

  it('refuses: names that are empty or too long', () => {
    expect(world.skf.call('SKF_CreateContainer', world.application, '', cell())).toBe(SAR.NAMELEN);
    expect(world.skf.call('SKF_CreateContainer', world.application, 'n'.repeat(65), cell())).toBe(SAR.NAMELEN);
  });

  it('ok: pulled out, every handle is dead, and stays dead after it is put back', async (context) => {
    const { softUkey } = world;
    context.skip(softUkey === null, 'a key of others is not pulled by software');
    await softUkey?.ukeyctl('remove', softUkey.serial);
    expect(world.skf.call('SKF_GenRandom', world.device, Buffer.alloc(8), 8)).toBe(SAR.DEVICE_REMOVED);
    expect(world.skf.names('SKF_EnumDev', 1)).toEqual([]);
    expect(world.skf.names('SKF_EnumDev', 0)).toHaveLength(1);
    await softUkey?.ukeyctl('insert', softUkey.serial);
    expect(world.skf.call('SKF_EnumContainer', world.application, null, cell())).toBe(SAR.DEVICE_REMOVED);
    const name = Buffer.alloc(64), event = cell();
    world.skf.must('SKF_WaitForDevEvent', name, sizeCell(64), event);
    expect([numberIn(event), name.toString('utf8').replace(/\0.*$/s, '')]).toEqual([2, `BIDKEY-${softUkey?.serial}`]);
    world.skf.must('SKF_WaitForDevEvent', name, sizeCell(64), event);
    expect(numberIn(event)).toBe(1);
    world.skf.must('SKF_DisConnectDev', world.device);
    world.connect();
  });
});
