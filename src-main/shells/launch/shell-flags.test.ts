/** Flags of the shells: what is meant by them, and what is refused. */
import { isAbsolute, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readShellFlags } from './shell-flags.ts';

describe('flags', () => {
  it('ok: the data folder is absolute, however it is given', () => {
    expect(readShellFlags(['--data', 'somewhere']).dataFolder).toBe(resolve('somewhere'));
    expect(isAbsolute(readShellFlags([]).dataFolder)).toBe(true);
  });

  it('ok: a clone begins with the demo and its own service, a package in production without one', () => {
    expect(readShellFlags([])).toMatchObject({ mode: 'demo', embeddedCa: true });
    expect(readShellFlags([], true)).toMatchObject({ mode: 'production', embeddedCa: false });
    expect(readShellFlags(['--ca', 'https://ca.example'])).toMatchObject({ mode: 'demo', embeddedCa: false, caBaseUrl: 'https://ca.example' });
  });

  it.each([[['--production', '--demo']], [['--port', '65536']], [['--port', '-1']], [['--ca', 'file:///etc']], [['--pin', '1']], [['stray']]])('refuses: %j', (args) => {
    expect(() => readShellFlags(args)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
