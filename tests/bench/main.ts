/** `npm run bench [name …]`: runs the benches one after the other, prints the table with the machine, writes bench-results.json. A ratio that misses what is wanted makes the exit code 1. */
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as osType } from 'node:os';
import { join } from 'node:path';
import { root } from '../faults/fault-world.ts';
import { meetsWanted, type Bench, type BenchRow } from './bench-row.ts';
import { bidReads } from './bid-reads.ts';
import { caIssuance } from './ca-issuance.ts';
import { caOrders } from './ca-orders.ts';
import { coldStart } from './cold-start.ts';
import { crl100k } from './crl-100k.ts';
import { loginByKey } from './login-by-key.ts';
import { newIssueOverhead } from './new-issue-overhead.ts';
import { openingSession } from './opening-session.ts';
import { requestTransitions } from './request-transitions.ts';
import { seal2gib } from './seal-2gib.ts';
import { sealMemory } from './seal-memory.ts';
import { smEngine } from './sm-engine.ts';

const BENCHES: readonly Bench[] = [newIssueOverhead, caIssuance, caOrders, crl100k, loginByKey, requestTransitions, coldStart, smEngine, seal2gib, sealMemory, bidReads, openingSession];

const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), system: `${osType()} ${release()}`, node: process.version };

const number = (value: number | null) => (value === null ? '' : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0));

function printRow(row: BenchRow): void {
  const verdict = { true: 'ok', false: 'MISSED', null: '' }[String(meetsWanted(row)) as 'true' | 'false' | 'null'];
  console.log([row.name.padEnd(62), number(row.ours).padStart(9), row.unit.padEnd(11), number(row.peer).padStart(9), number(row.ratio).padStart(7), (row.wanted ?? '').padEnd(7), verdict.padEnd(7), row.peerName ?? ''].join(' '));
}

const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? BENCHES : BENCHES.filter((bench) => wanted.includes(bench.name));
if (chosen.length === 0) throw new Error(`no such bench; there are: ${BENCHES.map((bench) => bench.name).join(', ')}`);

console.log(`${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`);
console.log(['what'.padEnd(62), 'ours'.padStart(9), 'unit'.padEnd(11), 'peer'.padStart(9), 'ratio'.padStart(7), 'wanted'.padEnd(7), ''.padEnd(7), 'peer is'].join(' '));
const rows: BenchRow[] = [];
for (const bench of chosen) {
  const measured = await bench.run();
  measured.forEach(printRow);
  rows.push(...measured);
}
writeFileSync(join(root, 'bench-results.json'), `${JSON.stringify({ machine, atUtc: new Date().toISOString(), results: rows.map((row) => ({ ...row, machine: machine.processor })) }, null, 2)}\n`);
process.exitCode = rows.some((row) => meetsWanted(row) === false) ? 1 : 0;
