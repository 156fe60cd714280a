/** The transcript of an opening (开标记录): who, when, which key, which digest, with what result; as JSON for programs and PDF for people, both signed (CMS, detached). */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { signOne, type SealSigner } from '#shared/seal/one-signature.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { writing } from '../../sealing/system-errors.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { writePdf, type PdfBlock } from '../pages/write-pdf.ts';
import { writeWhole } from '../whole-file.ts';
import type { OpeningRecord, SessionRun } from './opening-record.ts';

type Transcript = NonNullable<OpeningRecord['transcript']>;

export interface TranscriptDeps {
  readonly means: SealingMeans;
  readonly font: string;
}

/** @throws SEAL_OUTPUT_…, and what the key says */
export async function makeTranscript({ means, font }: TranscriptDeps, record: OpeningRecord, bids: readonly OpeningBid[], interrupted: readonly SessionRun[], signer: SealSigner): Promise<Transcript> {
  const at = new Date(Math.floor(means.clock().getTime() / 1000) * 1000);
  const signedBy = certificateFacts(signer.certificateDer);
  const json = toUtf8(`${JSON.stringify({ format: 'bidkey-opening-transcript', version: 1, ...facts(record, bids, interrupted), endedAtUtc: at.toISOString(), machine: hostname(), signer: signedBy }, null, 1)}\n`);
  const sha256Hex = toHex(createHash('sha256').update(json).digest());
  const pdf = await writePdf({ title: '开标记录', madeAt: at, unwritable: 'name', footer: `${record.name}  SHA-256 ${sha256Hex.slice(0, 16)}…`, blocks: pages(record, bids, interrupted, at, signedBy.subjectCommonName, sha256Hex) }, font);
  const base = join(record.outFolder, `开标记录_${beijing(at.toISOString()).replace(/[-: ]/g, '')}`);
  await writing(record.outFolder, async () => {
    await mkdir(record.outFolder, { recursive: true });
    for (const [ending, bytes] of [['.json', json], ['.pdf', pdf]] as const) {
      await writeWhole(`${base}${ending}`, bytes, false);
      await writeWhole(`${base}${ending}.p7s`, await signOne(signer, { kind: 'detached', bytes }, at, means.crypto), false);
    }
  });
  return { jsonPath: `${base}.json`, pdfPath: `${base}.pdf`, sha256Hex, signer: signedBy, signedAtUtc: at.toISOString() };
}

function facts(record: OpeningRecord, bids: readonly OpeningBid[], interrupted: readonly SessionRun[]) {
  return {
    sessionId: record.id, name: record.name, startedAtUtc: record.createdAtUtc, keys: record.keys, interruptions: interrupted.map(({ serial, holder, beganAtUtc }) => ({ serial, holder, beganAtUtc })),
    bids: bids.map((bid) => ({
      file: bid.name, sealId: bid.sealIdHex, bidId: bid.bidId, tenderId: bid.tenderId, lot: bid.lot, sealedAtUtc: bid.sealedAtUtc, opensAtUtc: bid.opensAtUtc, sizeBytes: bid.sizeBytes, root: bid.rootHex, headerDigest: bid.headerDigestHex ?? null, result: bid.state, error: bid.error?.code ?? null,
      bidder: bid.bidder && { subject: bid.bidder.subject, serialHex: bid.bidder.serialHex, issuer: bid.bidder.issuerCommonName, sha256: bid.bidder.sha256Hex },
      openedBy: bid.groups.map(({ name, answered }) => ({ group: name, ...answered })), openedAtUtc: bid.openedAtUtc, documents: bid.documents,
    })),
  };
}

function pages(record: OpeningRecord, bids: readonly OpeningBid[], interrupted: readonly SessionRun[], at: Date, signer: string, sha256Hex: string): PdfBlock[] {
  const count = (state: OpeningBid['state']) => String(bids.filter((bid) => bid.state === state).length);
  return [
    { kind: 'facts', rows: [
      ['开标', record.name], ['开始', beijing(record.createdAtUtc)], ['结束', beijing(at.toISOString())], ['计算机', hostname()], ['记录签名人', signer],
      ['标书', `${bids.length} 份，已开启 ${count('opened')} 份，拒绝 ${count('refused')} 份`], ['机读记录 SHA-256', sha256Hex],
    ] },
    { kind: 'heading', text: '使用的 UKey' },
    { kind: 'table', columns: [{ title: '序列号', share: 3 }, { title: '持有人', share: 4 }, { title: '时间', share: 3 }, { title: '开启', share: 1 }], rows: record.keys.map((key) => [key.serial, key.holder, beijing(key.usedAtUtc), String(key.opened)]) },
    ...interruptions(interrupted),
    { kind: 'heading', text: '标书' },
    { kind: 'table', columns: [{ title: '#', share: 0.6 }, { title: '投标人', share: 4 }, { title: '封标编号', share: 2.4 }, { title: '结果', share: 2.2 }, { title: '时间', share: 2.6 }, { title: '摘要树根（前16位）', share: 2.8 }], rows: bids.map(bidRow) },
    { kind: 'heading', text: '解密方式' },
    { kind: 'table', columns: [{ title: '#', share: 0.6 }, { title: '组', share: 1.6 }, { title: '证书', share: 4 }, { title: '方式', share: 3 }, { title: '时间', share: 2.6 }], rows: bids.flatMap(openerRows) },
  ];
}

function interruptions(runs: readonly SessionRun[]): PdfBlock[] {
  if (runs.length === 0) return [];
  return [
    { kind: 'heading', text: '中断' },
    { kind: 'table', columns: [{ title: '序列号', share: 3 }, { title: '持有人', share: 4 }, { title: '开始时间', share: 3 }, { title: '说明', share: 4 }], rows: runs.map(({ serial, holder, beganAtUtc }) => [serial, holder, beijing(beganAtUtc), '程序中断，未正常结束，之后继续']) },
  ];
}

const RESULT_WORDS: Readonly<Record<OpeningBid['state'], string>> = { opened: '已开启', refused: '拒绝', waiting: '未开启', share: '缺另一组', opening: '未开启' };
const GROUP_WORDS: Readonly<Record<string, string>> = { bidder: '投标人', tenderer: '招标人' };

function bidRow(bid: OpeningBid, index: number): string[] {
  const result = bid.error ? `${RESULT_WORDS[bid.state]} ${bid.error.code}` : RESULT_WORDS[bid.state];
  return [String(index + 1), bid.bidder?.subjectCommonName ?? bid.name, bid.sealIdHex?.slice(0, 16) ?? '', result, bid.openedAtUtc ? beijing(bid.openedAtUtc) : '', bid.rootHex?.slice(0, 16) ?? ''];
}

function openerRows(bid: OpeningBid, index: number): string[][] {
  return bid.groups.flatMap(({ name, answered }) => (answered ? [[String(index + 1), GROUP_WORDS[name] ?? name, answered.label, answered.via === 'key' ? `UKey ${answered.serial ?? ''}` : '远程解密', beijing(answered.atUtc)]] : []));
}

/** Beijing time, as on the screens. */
function beijing(utc: string): string {
  return new Date(Date.parse(utc) + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
