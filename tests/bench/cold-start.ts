/** Cold start of the local shell: from the command to a home page that can be used, with demo data that stand already; and the resident memory of every process. Linux only for the memory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { root } from '../faults/fault-world.ts';
import { launchChromium } from '../support/chromium.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';

interface Started {
  readonly child: ChildProcess;
  readonly link: string;
  readonly addressMs: number;
  readonly began: number;
}

async function startShell(dataFolder: string): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist', 'local.js'), '--no-open', '--data', dataFolder], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(line)?.[0];
    if (link !== undefined && line.includes('Open')) return { child, link, addressMs: performance.now() - began, began };
  }
  throw new Error('the local shell printed no address');
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function residentMegabytes(pid: number): { command: string; megabytes: number }[] {
  if (!existsSync(`/proc/${pid}/status`)) return [];
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').find((part) => /\.m?js$/.test(part))?.split('/').at(-1) ?? 'node';
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number));
  return [{ command, megabytes: kilobytes / 1024 }, ...children.flatMap(residentMegabytes)];
}

async function measure(): Promise<readonly BenchRow[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bidkey-bench-shell-'));
  const browser = await launchChromium();
  try {
    // The first start of all makes the demo CA and keys; it is no cold start of a tool in use.
    await stop((await startShell(dataFolder)).child);
    const { child, link, addressMs, began } = await startShell(dataFolder);
    const page = await browser.newPage();
    await page.goto(link);
    await page.getByText('新领制证').first().waitFor();
    const usableMs = performance.now() - began;
    const memory = child.pid === undefined ? [] : residentMegabytes(child.pid);
    await stop(child);
    return [
      benchRow('local shell: command to address', 'ms', addressMs),
      benchRow('local shell: command to usable home page in Chromium', 'ms', usableMs),
      ...memory.map(({ command, megabytes }) => benchRow(`resident memory: ${command}`, 'MiB', megabytes)),
    ];
  } finally {
    await browser.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

export const coldStart: Bench = { name: 'cold-start', run: measure };
