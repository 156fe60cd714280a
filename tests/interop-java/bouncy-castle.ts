/** Compiles and runs the Bouncy Castle checker. Where Java or the library is missing, suites that need it are skipped with that reason. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const JARS = ['/usr/share/java/bcprov.jar', '/usr/share/java/bcpkix.jar', '/usr/share/java/bcutil.jar'];

/** null when it can run. */
export function bouncyCastleMissing(): string | null {
  const jar = JARS.find((path) => !existsSync(path));
  if (jar) return `${jar} is not there (apt install libbcpkix-java)`;
  return spawnSync('javac', ['-version']).error ? 'javac is not there (apt install default-jdk-headless)' : null;
}

export interface BouncyCastle {
  /** @returns what the check printed @throws with Java's words when it failed */
  check(...parameters: readonly string[]): string;
  remove(): void;
}

export function compileBouncyCastle(): BouncyCastle {
  const classes = mkdtempSync(join(tmpdir(), 'bidkey-java-'));
  const run = (program: string, parameters: readonly string[]) => {
    const done = spawnSync(program, parameters, { encoding: 'utf8' });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(done.stderr);
    return done.stdout.trim();
  };
  const classPath = [...JARS, classes].join(':');
  run('javac', ['-Xlint:all', '-d', classes, '-cp', classPath, join(import.meta.dirname, 'CheckWithBouncyCastle.java')]);
  return {
    check: (...parameters) => run('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'CheckWithBouncyCastle', ...parameters]),
    remove: () => rmSync(classes, { recursive: true, force: true }),
  };
}
