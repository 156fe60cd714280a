#!/usr/bin/env node
/**
 * Builds the national-crypto addon into dist/native/bidkey-engine.node with g++ (or $CXX). Incremental: an object is rebuilt
 * when its source, any header or these flags changed. Exits 1 with the compiler's words when it cannot; the program then runs
 * on portable arithmetic. `--sanitize` builds a second file with AddressSanitizer and UBSan for the tests (see native/engine/README.md).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const source = join(root, 'native', 'engine');
const sanitized = process.argv.includes('--sanitize');
const objects = join(root, 'node_modules', '.cache', sanitized ? 'bidkey-engine-sanitized' : 'bidkey-engine');
// The sanitized file stays out of dist/, from which packages are made.
const target = sanitized ? join(objects, 'bidkey-engine.node') : join(root, 'dist', 'native', 'bidkey-engine.node');
const compiler = process.env.CXX ?? 'g++';

const FLAGS = [
  '-std=c++20', '-O3', '-fPIC', '-pthread', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden',
  '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-DBUILDING_NODE_EXTENSION',
];
const SANITIZE = sanitized ? ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer', '-g'] : [];
/** The C++ run-time goes in, so that the addon also loads where only Electron's own libraries are. */
const LINK_FLAGS = [`-Wl,--version-script=${join(source, 'exports.map')}`, '-shared', '-pthread', '-static-libstdc++', '-static-libgcc', '-Wl,-z,relro,-z,now', '-Wl,-z,noexecstack'];

/** Folder of node_api.h: beside this node, where node-gyp keeps its downloads, or a configured nodedir. */
function findNodeHeaders() {
  const prefix = join(dirname(process.execPath), '..');
  const cached = join(process.env.HOME ?? '', '.cache', 'node-gyp', process.versions.node);
  const candidates = [process.env.npm_config_nodedir, prefix, '/usr', '/usr/local', cached].filter(Boolean).map((base) => join(base, 'include', 'node'));
  const found = candidates.find((folder) => existsSync(join(folder, 'node_api.h')));
  if (!found) throw new Error(`node_api.h not found in ${candidates.join(', ')}; install the Node headers or set npm_config_nodedir`);
  return found;
}

function run(args) {
  const done = spawnSync(compiler, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.error) throw new Error(`cannot run ${compiler}: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`${compiler} failed`);
}

const listFiles = (ending) => ['core', 'addon'].flatMap((folder) => readdirSync(join(source, folder)).filter((name) => name.endsWith(ending)).sort().map((name) => join(source, folder, name)));
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function build() {
  mkdirSync(objects, { recursive: true });
  mkdirSync(dirname(target), { recursive: true });
  const flags = [...FLAGS, ...SANITIZE, '-isystem', findNodeHeaders()];
  const stamp = join(objects, 'flags.txt');
  const stampText = [compiler, ...flags, ...LINK_FLAGS].join('\n');
  const sameFlags = existsSync(stamp) && readFileSync(stamp, 'utf8') === stampText;
  const newestHeader = Math.max(...listFiles('.hpp').map(modified));
  const built = listFiles('.cpp').map((file) => {
    const object = join(objects, `${relative(source, file).replaceAll('/', '-')}.o`);
    const fresh = sameFlags && modified(object) > Math.max(modified(file), newestHeader);
    if (!fresh) {
      run([...flags, '-c', file, '-o', `${object}.${process.pid}`]);
      renameSync(`${object}.${process.pid}`, object);
    }
    return { object, fresh };
  });
  if (built.every(({ fresh }) => fresh) && existsSync(target)) return 'up to date';
  // Made aside and renamed: a process that has the old file loaded keeps it whole, and two builds do not meet.
  run([...LINK_FLAGS, ...SANITIZE, ...built.map(({ object }) => object), '-o', `${target}.${process.pid}`]);
  renameSync(`${target}.${process.pid}`, target);
  writeFileSync(stamp, stampText);
  return 'built';
}

try {
  console.log(`${relative(root, target)}: ${build()}`);
} catch (error) {
  console.error(`bidkey-engine: ${error.message}`);
  process.exit(1);
}
