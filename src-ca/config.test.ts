import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error.ts';
import { readConfig } from './config.ts';

function reasonOf(args: string[], environment: Record<string, string> = {}): string {
  try {
    readConfig(args, environment);
    return 'taken';
  } catch (thrown) {
    return thrown instanceof AppError && thrown.code === 'USAGE' ? String(thrown.details['reason']) : String(thrown);
  }
}

const PRODUCTION = ['--data', '/d', '--production', '--keystore-passphrase-file', '/p'];

describe('configuration', () => {
  it('ok: flags before environment before defaults', () => {
    expect(readConfig(['--data', '/flag', '--port', '8080'], { BIDKEY_CA_DATA: '/environment', BIDKEY_CA_HOST: '127.0.0.2', BIDKEY_CA_SANDBOX: '1' })).toMatchObject({ dataFolder: '/flag', port: 8080, host: '127.0.0.2', sandbox: true, demo: false, logLevel: 'info' });
  });

  it('ok: a demo has a sandbox, production has its passphrase elsewhere', () => {
    expect(readConfig(['--data', '/d', '--demo'], {}).sandbox).toBe(true);
    expect(readConfig(PRODUCTION, {})).toMatchObject({ production: true, sandbox: false });
  });

  it.each([
    ['no data folder', [], /--data/],
    ['an unknown flag', ['--data', '/d', '--sandboxx'], /sandboxx/],
    ['a port that is none', ['--data', '/d', '--port', '70000'], /--port/],
    ['a public address with a path', ['--data', '/d', '--public-url', 'https://ca.example/api'], /origin/],
    ['a public address that is none', ['--data', '/d', '--public-url', 'ftp://ca.example'], /origin/],
    ['production with the sandbox', [...PRODUCTION, '--sandbox'], /no sandbox/],
    ['production with the demo', [...PRODUCTION, '--demo'], /no sandbox/],
    ['production with its passphrase beside the keystore', ['--data', '/d', '--production'], /passphrase/],
    ['half a signer token', ['--data', '/d', '--signer-module', '/lib.so'], /belong together/],
    ['a log level that is none', ['--data', '/d', '--log-level', 'loud'], /--log-level/],
  ])('refuses: %s', (_, args, reason) => expect(reasonOf(args)).toMatch(reason));

  it('refuses: the test door in production, and a point that does not exist', () => {
    expect(reasonOf(PRODUCTION, { BIDKEY_CA_TEST_ONLY_KILL_AT: 'csr:signed' })).toMatch(/test door/);
    expect(reasonOf(['--data', '/d'], { BIDKEY_CA_TEST_ONLY_KILL_AT: 'nowhere' })).toMatch(/names no point/);
  });
});
