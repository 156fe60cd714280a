/** Redaction and the log: what must not come through, and what must. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { makeReport } from './make-report.ts';
import { redact } from './redact.ts';

describe('redaction', () => {
  it.each([
    ['pin=84620193', '84620193'],
    ['{"pin":"my long PIN 9"}', 'my long PIN 9'],
    ['password: hunter2!', 'hunter2!'],
    ['Authorization: Bearer abc.def-ghi', 'abc.def-ghi'],
    ['authorizationCode=598983', '598983'],
    ['您的操作授权码：598983，有效期7天', '598983'],
    ['"refreshToken":"r-12345"', 'r-12345'],
    ['phone 13812345678', '13812345678'],
    ['id 33010619900101123X', '33010619900101123X'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----', 'MIIEvQ'],
  ])('refuses: %j keeps its secret out', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  it.each(['code=CA_UNREACHABLE traceId=4f3a9c0011223344', '2026-01-02T03:04:05.678901Z info step done', 'serial 0123456789ABCDEF', 'port 43210', 'PIN_LOCKED', 'deedId=0b7a1c5e-1234-4000-8000-123456789012'])('ok: %j comes through whole', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('log and report', () => {
  it('ok: ring and file hold the redacted line, in one line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bidkey-log-'));
    const file = join(folder, 'bidkey.log');
    const log = createLog({ now: () => new Date('2026-01-02T03:04:05Z'), file });
    log.warn('call refused', { code: 'PIN_INCORRECT', text: 'code 598983\nforged line' });
    expect(log.lastLines()).toEqual(['2026-01-02T03:04:05.000Z warn call refused code="PIN_INCORRECT" text="code [six digits]\\nforged line"']);
    expect(readFileSync(file, 'utf8')).toBe(`${log.lastLines()[0] ?? ''}\n`);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true, force: true });
  });

  it('ok: the report names drivers, error and trace, and redacts what slipped in', () => {
    const text = makeReport({
      info: { version: '0.1.0', shell: 'local', platform: 'linux', processor: 'x64', demo: true, caBaseUrl: 'https://ca.example.cn', dataFolder: '/data' },
      drivers: [{ driverId: 'd1', modelId: 'softhsm2', libraryPath: '/lib/x.so', status: 'failed', errorCode: 'DRIVER_LOAD_FAILED', errorDetails: {}, restarts: 2 }],
      asked: { errorCode: 'DRIVER_LOAD_FAILED', traceId: 'abcd', page: '/keys?code=598983' }, logLines: ['x'], createdAtUtc: '2026-01-02T03:04:05Z',
    });
    for (const wanted of ['0.1.0', 'd1 (softhsm2): failed DRIVER_LOAD_FAILED · restarts 2', 'trace: abcd']) expect(text).toContain(wanted);
    expect(text).not.toContain('598983');
  });
});

it('ok: a log file that cannot be written stops nobody, and the lines say so', () => {
  const log = createLog({ now: () => new Date(0), file: join(tmpdir(), 'bidkey-no-such-folder', 'bidkey.log') });
  log.info('step done');
  expect(log.lastLines()).toEqual(['1970-01-01T00:00:00.000Z info step done', '1970-01-01T00:00:00.000Z error log file not written systemCode="ENOENT"']);
});
