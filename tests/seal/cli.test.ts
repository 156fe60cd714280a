/** `bidkey` on bids, as a process, with real keys: a tender, a bid for it, rehearsal, opening with keys and from afar, re-wrap. No CA service, no network, no display. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InspectedFile } from '../../src-shared/seal/inspect-file.ts';
import { parseCertificate } from '../../src-shared/x509/certificate.ts';
import { nameValue } from '../../src-shared/x509/name.ts';
import { toPem } from '../../src-shared/x509/pem.ts';
import { ensureBuilt, root, runCli, until, type FinishedProgram } from '../shells/programs.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { run } from '../token/token-fixtures.ts';
import { createTestAuthorities, equipKey, kindNamed, type EquippedKey, type TestAuthorities } from './support/token-world.ts';
import { makeFolder, patterned, type SealFolder } from './support/seal-world.ts';

const missing = softUkeyMissing();
const CONTENT = patterned(300_000);
const OPENS_AT = new Date(Date.now() + 5 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

let folder: SealFolder;
let authorities: TestAuthorities;
let bidder: EquippedKey;
let tenderer: EquippedKey;
let environment: Record<string, string>;

/** @param pins lines for descriptor 3 */
const bidkey = (args: readonly string[], ...pins: readonly string[]) =>
  runCli(['--data', folder.path('data'), '--json', ...args, ...(pins.length > 0 ? ['--pin-fd', '3'] : [])], { fds: pins.length > 0 ? [pins.map((pin) => `${pin}\n`).join('')] : [], environment });
const value = <T>(finished: FinishedProgram): T => {
  const answer = JSON.parse(finished.stdout) as { ok: boolean; value: T };
  expect(answer.ok, finished.stdout + finished.stderr).toBe(true);
  expect(finished.status).toBe(0);
  return answer.value;
};
const refusal = (finished: FinishedProgram): readonly [number | null, string] => {
  const answer = JSON.parse(finished.stdout) as { ok: boolean; error: { code: string; title: string; next: string } };
  expect([answer.ok, answer.error.title !== '', answer.error.next !== '']).toEqual([false, true, true]);
  return [finished.status, answer.error.code];
};

describe.skipIf(missing !== null)('bids on the command line', () => {
  const at = (name: string) => folder.path(name);

  beforeAll(async () => {
    await ensureBuilt();
    [authorities, folder] = [await createTestAuthorities(), await makeFolder()];
    bidder = await equipKey(kindNamed('soft UKey PKCS#11, SM2'), authorities);
    tenderer = await equipKey(kindNamed('SoftHSM2, RSA'), authorities);
    environment = { ...bidder.key.driver.environment, ...tenderer.key.driver.environment, DISPLAY: '', http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' };
    await mkdir(at('data'));
    const extraDrivers = [bidder, tenderer].map(({ key, kind }, i) => ({ id: `driver-${i}`, modelId: kind.modelId, libraryPath: key.driver.libraryPath }));
    await writeFile(at('data/settings.json'), JSON.stringify({ caBaseUrl: 'http://127.0.0.1:1', language: 'zh-CN', extraDrivers }));
    for (const [name, key] of [['bidder', bidder], ['tenderer', tenderer]] as const) await writeFile(at(`${name}.pem`), toPem('CERTIFICATE', key.encryptCertificateDer));
    await mkdir(at('bid/技术部分'), { recursive: true });
    await writeFile(at('bid/投标函.pdf'), CONTENT);
    await writeFile(at('bid/技术部分/方案.docx'), patterned(1000));
    await mkdir(at('documents'));
    await writeFile(at('documents/招标文件.pdf'), patterned(2000));
  });
  afterAll(async () => {
    await bidder?.dispose();
    await tenderer?.dispose();
    await authorities?.dispose();
    await folder?.dispose();
  });

  test('ok: a tender package is made, signed and verified', async () => {
    await writeFile(at('parts.json'), JSON.stringify({ parts: [{ id: 'letter', title: '投标函', required: true, mediaTypes: ['application/pdf'], maxBytes: null, maxFiles: 1, form: null }] }));
    const made = await bidkey(['tender', 'make', '--doc-dir', at('documents'), '--description', at('parts.json'), '--tender-id', 'T-2026-9', '--title', '道路施工', '--tenderer', '某市招标办', '--opens-at', OPENS_AT, '--group', `tenderer=${at('tenderer.pem')}`, '--sign-key', tenderer.key.serial, '--suite', 'aes', '--out', at('t.tender')], tenderer.key.pin);
    expect(value<{ documents: { name: string }[] }>(made).documents.map(({ name }) => name)).toEqual(['tender.json', 'openers/1/1.cer', '招标文件.pdf']);
    const verified = value<{ description: { title: string; parts: { id: string }[] }; signers: { trust: { status: string } }[]; groups: { name: string }[] }>(await bidkey(['tender', 'verify', at('t.tender'), '--trust', authorities.rsa.caPem]));
    expect(verified).toMatchObject({ description: { title: '道路施工', tenderId: 'T-2026-9', opensAtUtc: OPENS_AT, parts: [{ id: 'letter' }] }, groups: [{ name: 'tenderer' }], signers: [{ trust: { status: 'trusted', revocation: 'unknown' } }] });
    expect(refusal(await bidkey(['tender', 'verify', at('t.tender'), '--trust', authorities.sm2.caPem]))).toEqual([7, 'SEAL_SIGNER_UNTRUSTED']);
  });

  test('ok: a newer package is compared with the one before; refuses: the same one as its own successor', async () => {
    // Packages are told apart by the second in which they were made.
    const begunMs = Date.now();
    await until(() => Date.now() >= begunMs + 1_000);
    const later = new Date(Date.parse(OPENS_AT) + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const made = await bidkey(['tender', 'make', '--doc-dir', at('documents'), '--description', at('parts.json'), '--tender-id', 'T-2026-9', '--title', '道路施工', '--tenderer', '某市招标办', '--opens-at', later, '--group', `tenderer=${at('tenderer.pem')}`, '--sign-key', tenderer.key.serial, '--suite', 'sm', '--out', at('t2.tender')], tenderer.key.pin);
    value(made);
    const compared = value<object>(await bidkey(['tender', 'compare', at('t.tender'), at('t2.tender'), '--trust', authorities.rsa.caPem]));
    expect(compared).toMatchObject({ signer: 'same', before: { tenderId: 'T-2026-9' }, differences: { opensAtUtc: { before: OPENS_AT, after: later }, suite: { before: 'aes', after: 'sm' }, title: null, parts: [], openers: [], documents: [] } });
    expect(refusal(await bidkey(['tender', 'compare', at('t.tender'), at('t.tender')]))).toEqual([7, 'BID_TENDER_SAME']);
    expect(refusal(await bidkey(['tender', 'compare', at('t2.tender'), at('t.tender')]))).toEqual([7, 'BID_TENDER_OLDER']);
  });

  test('ok: a bid is sealed for the tender, with backup and ticket; inspected and verified', async () => {
    const sealed = await bidkey(['seal', '--bid-dir', at('bid'), '--tender', at('t.tender'), '--group', `bidder=key:${bidder.key.serial}`, '--sign-key', bidder.key.serial, '--out', at('a.bid'), '--backup', at('a.bak')], bidder.key.pin);
    const made = value<{ sealIdHex: string; ticket: string; openers: { group: string; warnings: string[] }[] }>(sealed);
    expect(made.openers.map(({ group, warnings }) => [group, warnings[0]])).toEqual([['bidder', 'single-untested'], ['tenderer', 'single-untested']]);
    expect(sealed.stdout + sealed.stderr).not.toContain(bidder.key.pin);
    const inspected = value<InspectedFile>(await bidkey(['inspect', at('a.bid')]));
    // Suite, number and time are those of the package, without a word.
    expect(inspected).toMatchObject({ kind: 'sealed', suite: 'aes', sealIdHex: made.sealIdHex, tenderId: 'T-2026-9', bidId: 'bid', opensAtUtc: OPENS_AT.replace('Z', '.000Z'), groups: [{ name: 'bidder' }, { name: 'tenderer' }] });
    expect(value<InspectedFile>(await bidkey(['inspect', at('a.bak')])).sealIdHex).toBe(made.sealIdHex);
    expect(value<{ signers: { trust: { status: string } }[] }>(await bidkey(['verify', at('a.bid'), '--trust', authorities.sm2.caPem])).signers[0]?.trust.status).toBe('trusted');
    const people = await runCli(['--lang', 'en-US', 'verify', at('a.bid')], { environment });
    expect(people.stdout).toContain('Signatures are valid, the file is whole.');
  });

  test('refuses: a bid for the tender without the bidder’s group, with a key of its own in the tenderer’s, or otherwise than the package says; a package that stands for the bidder. No PIN is asked', async () => {
    const own = `bidder=${at('bidder.pem')}`;
    const seal = async (...more: string[]) => {
      const finished = await bidkey(['seal', '--bid-dir', at('bid'), '--tender', at('t.tender'), '--sign-key', bidder.key.serial, '--out', at('refused.bid'), ...more]);
      return [...refusal(finished), (JSON.parse(finished.stdout) as { error: { details: { what?: string } } }).error.details.what];
    };
    for (const groups of [[], ['--group', own, '--group', `tenderer=${at('bidder.pem')}`]]) expect(await seal(...groups)).toEqual([7, 'SEAL_TENDER_OTHERWISE', 'groups']);
    expect(await seal('--group', own, '--suite', 'sm')).toEqual([7, 'SEAL_TENDER_OTHERWISE', 'suite']);
    expect(await seal('--group', own, '--bid-dir', at('documents'))).toEqual([7, 'SEAL_PARTS_MISSING', undefined]);
    expect((await folder.names()).filter((name) => name.startsWith('refused'))).toEqual([]);
    const incomplete = await bidkey(['seal', '--bid-dir', at('documents'), '--incomplete', '--tender', at('t.tender'), '--group', own, '--sign-key', bidder.key.serial, '--out', at('incomplete.bid'), '--no-ticket'], bidder.key.pin);
    expect(value<{ ticket: string | null }>(incomplete).ticket).toBeNull();
    const hostile = ['tender', 'make', '--doc-dir', at('documents'), '--tender-id', 'T-1', '--title', 'x', '--tenderer', 'y', '--group', `Bidder=${at('tenderer.pem')}`, '--sign-key', tenderer.key.serial, '--out', at('hostile.tender')];
    expect(refusal(await bidkey(hostile, tenderer.key.pin))).toEqual([7, 'SEAL_TENDER_MALFORMED']);
  });

  test('refuses: an opener that a revocation list names; the list was brought as a file', async () => {
    const { folder: ca, caPem } = authorities.rsa;
    await writeFile(join(ca, 'ca.cnf'), '[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\ncrlnumber = number\ndefault_md = sha256\ndefault_crl_days = 5\n');
    await writeFile(join(ca, 'index.txt'), '');
    await writeFile(join(ca, 'number'), '01\n');
    await writeFile(join(ca, 'revoked.pem'), toPem('CERTIFICATE', tenderer.encryptCertificateDer));
    const openssl = (...words: string[]) => run('openssl', ['ca', '-config', 'ca.cnf', '-keyfile', 'ca.key', '-cert', caPem, ...words], { cwd: ca });
    await openssl('-revoke', 'revoked.pem');
    await openssl('-gencrl', '-out', 'list.pem');
    const sealed = await bidkey(['seal', '--bid-dir', at('bid'), '--group', `tenderer=${at('tenderer.pem')}`, '--sign-key', bidder.key.serial, '--out', at('revoked.bid'), '--trust', caPem, '--crl', join(ca, 'list.pem')], bidder.key.pin);
    expect(refusal(sealed)).toEqual([7, 'SEAL_OPENER_REFUSED']);
    expect(sealed.stdout).toContain('"reason":"revoked"');
    expect(refusal(await bidkey(['verify', at('t.tender'), '--trust', caPem, '--crl', at('a.bid')]))).toEqual([7, 'DER_MALFORMED']);
  });

  test('ok: the bidder rehearses alone with the ticket; without it, the own share only', async () => {
    const done = value<{ opened: boolean; unwrappedGroups: string[]; groupsByTicket: string[] }>(await bidkey(['rehearse', at('a.bid'), '--key', bidder.key.serial], bidder.key.pin));
    expect(done).toMatchObject({ opened: true, unwrappedGroups: ['bidder'], missingGroups: ['tenderer'], groupsByTicket: ['tenderer'] });
    await rename(at('a.bid.ticket'), at('a.ticket'));
    expect(value(await bidkey(['rehearse', at('a.bid'), '--key', bidder.key.serial], bidder.key.pin))).toMatchObject({ opened: true, groupsByTicket: ['tenderer'] });
    expect(value(await bidkey(['rehearse', at('a.bid'), '--key', bidder.key.serial, '--no-ticket'], bidder.key.pin))).toMatchObject({ opened: false, unwrappedGroups: ['bidder'], groupsByTicket: [] });
  });

  test('ok: opened by both keys with their PINs line after line; one document extracted; the backup opens without any', async () => {
    const opened = await bidkey(['open', at('a.bid'), '--before-time', '--key', bidder.key.serial, '--key', tenderer.key.serial, '--out', at('opened')], bidder.key.pin, tenderer.key.pin);
    expect(value<{ documents: { name: string }[] }>(opened).documents.map(({ name }) => name)).toEqual(['技术部分/方案.docx', '投标函.pdf']);
    expect(Buffer.from(await readFile(at('opened/投标函.pdf'))).equals(CONTENT)).toBe(true);
    value(await bidkey(['extract', at('a.bid'), '投标函.pdf', '--before-time', '--key', bidder.key.serial, '--key', tenderer.key.serial, '--out', at('one.pdf')], bidder.key.pin, tenderer.key.pin));
    expect(Buffer.from(await readFile(at('one.pdf'))).equals(CONTENT)).toBe(true);
    expect(value<{ documents: { name: string }[] }>(await bidkey(['extract', at('a.bak')])).documents.map(({ name }) => name)).toEqual(['技术部分/方案.docx', '投标函.pdf']);
  });

  test('ok: from afar: the hall asks, the bidder answers with its share, the hall opens', async () => {
    value(await bidkey(['challenge', at('a.bid'), '--key', tenderer.key.serial], tenderer.key.pin));
    const share = ['share', at('a.bid'), '--key', bidder.key.serial, '--challenge', at('a.bid.challenge'), '--out', at('share')];
    expect(refusal(await bidkey(share))).toEqual([7, 'OPENING_TOO_EARLY']);
    // Nobody is trusted here: who gets the share has to be named.
    const doubted = await bidkey([...share, '--before-time'], bidder.key.pin);
    expect(refusal(doubted)).toEqual([7, 'SHARE_RECEIVER_UNCONFIRMED']);
    const receiver = parseCertificate(tenderer.signCertificateDer).subject;
    value(await bidkey([...share, '--before-time', '--receiver', nameValue(receiver, 'commonName') ?? ''], bidder.key.pin));
    value(await bidkey(['open', at('a.bid'), '--before-time', '--key', tenderer.key.serial, '--share', at('share'), '--out', at('opened-afar')], tenderer.key.pin));
    expect(Buffer.from(await readFile(at('opened-afar/投标函.pdf'))).equals(CONTENT)).toBe(true);
  });

  test('ok: re-wrapped for another certificate, opened by its key', async () => {
    const second = parseCertificate(tenderer.signCertificateDer).publicKeySpkiDer;
    await writeFile(at('second.pem'), toPem('CERTIFICATE', await authorities.rsa.issue(second, '/C=CN/CN=second', 'keyEncipherment')));
    const made = value<{ file: string; groups: { openers: unknown[] }[] }>(await bidkey(['rewrap', at('a.bid'), '--key', tenderer.key.serial, '--key', bidder.key.serial, '--sign-key', bidder.key.serial, '--add', `tenderer=${at('second.pem')}`], tenderer.key.pin, bidder.key.pin));
    expect([made.file, made.groups.map(({ openers }) => openers.length)]).toEqual([at('a.rewrapped.bid'), [1, 2]]);
    expect(value<{ signers: unknown[] }>(await bidkey(['verify', made.file])).signers.length).toBe(2);
    // With the ticket beside the bid, the bidder's key alone; for its own group and no other.
    const alone = (group: string) => bidkey(['rewrap', at('a.bid'), '--key', bidder.key.serial, '--add', `${group}=${at('second.pem')}`, '--out', at('alone.bid')], bidder.key.pin);
    expect(refusal(await alone('tenderer'))).toEqual([7, 'SEAL_SHARE_MISSING']);
    expect(value<{ groups: { openers: unknown[] }[] }>(await alone('bidder')).groups.map(({ openers }) => openers.length)).toEqual([2, 1]);
  });

  test('ok: interrupted while sealing it ends in order with 130 and leaves nothing', async () => {
    await mkdir(at('large'));
    await writeFile(at('large/a.bin'), '');
    await truncate(at('large/a.bin'), 64 * 2 ** 30);
    const args = ['--data', at('data'), 'seal', '--bid-dir', at('large'), '--group', `bidder=${at('bidder.pem')}`, '--sign-key', bidder.key.serial, '--out', at('large.bid'), '--pin-fd', '3'];
    const child = spawn(process.execPath, [join(root, 'tools/bin/bidkey.mjs'), ...args], { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    (child.stdio[3] as NodeJS.WritableStream).end(`${bidder.key.pin}\n`);
    await until(async () => (await folder.names()).some((name) => name.endsWith('.part')));
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect((await folder.names()).filter((name) => name.endsWith('.part') || name.startsWith('large.'))).toEqual([]);
  });

  test('refuses: one key of two (7), before the opening time (7), a stranger\'s file (7), what exists (7), no key named (2), an unknown key (5), a wrong PIN (6), a PIN as argument (2)', async () => {
    expect(refusal(await bidkey(['open', at('a.bid'), '--before-time', '--key', bidder.key.serial, '--out', at('x')], bidder.key.pin))).toEqual([7, 'SEAL_SHARE_MISSING']);
    // Without a PIN: it is refused before one is asked for.
    for (const deed of ['open', 'extract']) expect(refusal(await bidkey([deed, at('a.bid'), '--key', bidder.key.serial, '--out', at('x')]))).toEqual([7, 'OPENING_TOO_EARLY']);
    expect(refusal(await bidkey(['inspect', at('bidder.pem')]))).toEqual([7, 'SEAL_NOT_OURS']);
    expect(refusal(await bidkey(['open', at('a.bak'), '--out', at('opened')]))).toEqual([7, 'SEAL_OUTPUT_EXISTS']);
    expect(refusal(await bidkey(['tender', 'make', '--doc-dir', at('documents'), '--sign-key', 'x', '--out', at('x.tender'), '--group', `t=${at('tenderer.pem')}`], '1'))).toEqual([5, 'TOKEN_NOT_PRESENT']);
    expect(refusal(await bidkey(['open', at('a.bid'), '--out', at('x')]))).toEqual([2, 'USAGE']);
    expect(refusal(await bidkey(['rehearse', at('a.bid'), '--key', 'NOSUCH'], '111111'))).toEqual([5, 'TOKEN_NOT_PRESENT']);
    const wrong = await bidkey(['rehearse', at('a.bid'), '--key', bidder.key.serial], '99999999');
    expect(refusal(wrong)).toEqual([6, 'PIN_INCORRECT']);
    const said = await bidkey(['rehearse', at('a.bid'), '--key', bidder.key.serial, '--pin', '847261']);
    expect([said.status, (said.stdout + said.stderr).includes('847261')]).toEqual([2, false]);
  });
});
