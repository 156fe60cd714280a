/** Pages with Chinese text, read back by poppler: what stands on them is what was to be written, or the page is refused or says what is missing. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fontPath, writePdf, type PdfToWrite } from './write-pdf.ts';

const font = fontPath(join(import.meta.dirname, '../../../resources'));
const pageOf = (text: string, unwritable: PdfToWrite['unwritable']): PdfToWrite => ({
  title: '投标函', madeAt: new Date('2026-11-20T04:00:00Z'), footer: 'ZB-1', unwritable,
  blocks: [{ kind: 'facts', rows: [['投标人', text]] }, { kind: 'table', columns: [{ title: '文件', share: 1 }], rows: [[text]] }],
});

function textOf(pdf: Uint8Array): string {
  const read = spawnSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' });
  expect(read.status, read.stderr).toBe(0);
  return read.stdout;
}

test('ok: rare characters of names, units and signs stand on the page as they were typed', async () => {
  const text = '㡎王㛃、李䶮、张𬭎、陈〇';
  const units = '1200㎡ 厚5㎜ 25℃ №3 ①Ⅳ';
  const read = textOf(await writePdf(pageOf(`${text} ${units}`, 'refuse'), font));
  // pdftotext may write a sign in its compatible form (㎡ as m2); characters of names have none.
  for (const part of [...text.replace(/、/g, '')]) expect(read, part).toContain(part);
  expect(read.normalize('NFKC')).toContain('1200m2'.normalize('NFKC'));
});

test('refuses: a page that would show empty boxes, naming each character once; ok: lines may break', async () => {
  await expect(writePdf(pageOf('甲\u{1F600}乙\uE000\u{1F600}\n丙', 'refuse'), font)).rejects.toMatchObject({ code: 'BID_CHARACTER', details: { characters: '\u{1F600} (U+1F600), \uE000 (U+E000)' } });
  expect(textOf(await writePdf(pageOf('甲\n乙', 'refuse'), font))).toContain('乙');
});

test('ok: a page that must be written names them by their number', async () => {
  expect(textOf(await writePdf(pageOf('报告\u{1F600}.pdf', 'name'), font))).toContain('报告[U+1F600].pdf');
});
