/** Bid projects with everything that comes in between: tender packages, documents that are refused or changed, forms, copies, crashes, cancelling. One engine for all. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BidProject } from '#shared/contract/desktop/bids.ts';
import { createSm2Ca } from '../token/sm2-fixtures.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { BIDDER, createBidWorld, inDays, readyProject, TENDERER, type BidWorld } from './support/bid-world.ts';

const missing = softUkeyMissing();
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe.skipIf(missing !== null)(`bid projects${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  beforeAll(async () => {
    world = await createBidWorld();
  });
  afterAll(() => world?.dispose());
  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const fresh = (name = 'P') => call('bids.create', { name, tender: null, bidderName: BIDDER });
  const add = (project: BidProject, partId: string, path: string, name?: string) => call('bids.addDocument', { projectId: project.id, partId, source: { path }, ...(name === undefined ? {} : { name }) });
  const manifestOf = (project: BidProject) => join(world.folder, 'data', 'bids', 'projects', project.id, 'project.json');

  it('ok: a tender package is made, read and taken over; what the tenderer signed stays as it is', async () => {
    const draft = await call('tenders.create', { title: '某某工程' });
    const openers = [{ group: 'tenderer', certificateDer: base64(world.tenderer.encryptCertificateDer), source: 'key' as const }];
    const terms = await call('tenders.update', { draftId: draft.id, revision: draft.revision, tenderId: 'ZB-1', tenderer: TENDERER, lots: [{ id: '1', title: '道路' }, { id: '2', title: '桥梁' }], opensAtUtc: inDays(5).replace('.000', ''), openers });
    await expect(call('tenders.update', { draftId: draft.id, revision: draft.revision, title: 'x' })).rejects.toMatchObject({ code: 'BID_PROJECT_CHANGED' });
    await call('tenders.addDocument', { draftId: draft.id, source: { path: await world.pdf('公告.pdf') } });
    const work = await world.ended(await call('tenders.make', { draftId: draft.id, ...world.with(world.tenderer), outPath: world.path('a.tender') }));
    expect(work.error).toBeNull();
    const facts = await call('bids.inspectTender', { source: { path: world.path('a.tender') } });
    expect(facts).toMatchObject({ tenderId: 'ZB-1', tenderer: TENDERER, opensAtUtc: terms.opensAtUtc, signer: { subjectCommonName: TENDERER }, groups: [{ name: 'tenderer' }] });
    await expect(call('bids.create', { name: 'x', tender: { path: world.path('a.tender') }, lot: '3' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const project = await call('bids.create', { name: 'x', tender: { path: world.path('a.tender') }, lot: '2' });
    expect(project).toMatchObject({ lot: '2', tenderId: 'ZB-1', opensAtUtc: terms.opensAtUtc, openers: [{ group: 'tenderer', source: 'tender' }] });
    expect(project.parts.map(({ title, kind }) => `${kind} ${title}`)).toEqual(['form 投标函', 'documents 商务标', 'documents 技术标', 'documents 其他材料']);
    await expect(call('bids.update', { projectId: project.id, revision: project.revision, opensAtUtc: inDays(1) })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const piece = await call('bids.readTenderDocument', { projectId: project.id, name: '公告.pdf', offset: 0, length: 4 });
    expect(Buffer.from(piece.bytes, 'base64').toString()).toBe('%PDF');
  });

  it('ok: whether the signer’s authority is trusted is told apart from whether the signature is valid', async () => {
    const source = { path: world.path('a.tender') };
    expect(await call('bids.inspectTender', { source })).toMatchObject({ signatureValid: true, signerTrust: 'not-checked' });
    const folder = join(world.folder, 'data', 'bids', 'authorities');
    await cp(world.ca.caPem, join(folder, 'test.pem'));
    expect(await call('bids.inspectTender', { source })).toMatchObject({ signerTrust: 'trusted' });
    const stranger = await createSm2Ca();
    await cp(stranger.caPem, join(folder, 'test.pem'));
    await stranger.dispose();
    expect(await call('bids.inspectTender', { source })).toMatchObject({ signatureValid: true, signerTrust: 'untrusted' });
    await rm(join(folder, 'test.pem'));
  });

  it('refuses: openers of the tenderer that are not those of its package – one that is missing, one more – at once; ok: those of the package', async () => {
    const project = await call('bids.create', { name: '换人', tender: { path: world.path('a.tender') }, lot: '1', bidderName: BIDDER });
    const certificate = base64(world.tenderer.encryptCertificateDer);
    const bidders = { group: 'bidder', certificateDer: base64(world.bidder.encryptCertificateDer), source: 'key' as const };
    const set = (openers: { group: string; certificateDer: string; source: 'key' | 'file' | 'tender' }[]) => call('bids.setOpeners', { projectId: project.id, openers });
    const row = async () => (await call('bids.check', { projectId: project.id, outFolder: world.folder, token: null })).find(({ id }) => id === 'openers');
    const refused = (openers: string[]) => ({ code: 'BID_OPENERS_OF_TENDER', details: { openers } });
    const good = await set([bidders, { group: 'tenderer', certificateDer: certificate, source: 'file' }]);
    expect(await row()).toMatchObject({ verdict: 'ok' });
    const stranger = { certificateDer: base64(world.bidder.signCertificateDer), source: 'file' as const };
    await expect(set([bidders, { group: 'tenderer', certificateDer: certificate, source: 'tender' }, { group: 'tenderer', ...stranger }])).rejects.toMatchObject(refused([BIDDER]));
    await expect(set([bidders, { group: 'tenderer', certificateDer: certificate, source: 'tender' }, { group: 'third', ...stranger }])).rejects.toMatchObject(refused([BIDDER]));
    await expect(set([bidders, { group: 'tenderer', ...stranger }])).rejects.toMatchObject(refused([TENDERER, BIDDER]));
    await expect(set([bidders])).rejects.toMatchObject(refused([TENDERER]));
    expect((await call('bids.get', { projectId: project.id })).openers).toEqual(good.openers);
    // As an earlier version may have written it: the check list and the sealing refuse it still.
    const record = JSON.parse(await readFile(manifestOf(project), 'utf8')) as { openers: object[]; tender: { facts: { groups: { name: string }[] } } };
    await writeFile(manifestOf(project), JSON.stringify({ ...record, openers: [...record.openers, { group: 'tenderer', ...stranger, testedAtUtc: null }] }));
    expect(await row()).toMatchObject({ verdict: 'blocked', reason: 'not-of-tender', facts: [BIDDER] });
    await expect(call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder: world.path('apart'), backup: false })).rejects.toMatchObject({ code: 'BID_NOT_READY', details: { checks: expect.arrayContaining(['openers']) as string[] } });
    // Nor does a package open for the bidder: with its keys in both groups, or in the bidder's alone, the tenderer would need nobody.
    const theirs = { group: 'bidder', certificateDer: certificate, source: 'tender' as const };
    const hostile = { ...record, tender: { ...record.tender, openers: [theirs], facts: { ...record.tender.facts, groups: record.tender.facts.groups.map((one) => ({ ...one, name: 'bidder' })) } } };
    for (const [openers, reason, facts] of [[[theirs], 'group-missing', ['bidder']], [[theirs, bidders], 'not-of-tender', [TENDERER]]] as const) {
      await writeFile(manifestOf(project), JSON.stringify({ ...hostile, openers: openers.map((one) => ({ ...one, testedAtUtc: null })) }));
      expect(await row()).toMatchObject({ verdict: 'blocked', reason, facts });
    }
  });

  it('ok: files among the authorities that are no certificates are left out and named; the others are trusted', async () => {
    const folder = join(world.folder, 'data', 'bids', 'authorities');
    const project = await fresh('机构');
    const authorities = async () => (await call('bids.check', { projectId: project.id, outFolder: world.folder, token: null })).find(({ id }) => id === 'authorities');
    expect(await authorities()).toBeUndefined();
    await cp(world.ca.caPem, join(folder, 'good.pem'));
    await writeFile(join(folder, 'garbage.cer'), Buffer.concat([Buffer.from([0x30, 0x82]), Buffer.alloc(40, 7)]));
    await writeFile(join(folder, 'text.pem'), 'nothing');
    expect(await authorities()).toMatchObject({ verdict: 'warning', reason: 'unreadable', facts: ['garbage.cer', 'text.pem'] });
    expect(await call('bids.inspectTender', { source: { path: world.path('a.tender') } })).toMatchObject({ signerTrust: 'trusted' });
    for (const name of ['good.pem', 'garbage.cer', 'text.pem']) await rm(join(folder, name));
  });

  it('refuses: a tender package that was changed, and one that is none', async () => {
    const bytes = await readFile(world.path('a.tender'));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await expect(call('bids.inspectTender', { source: { path: await world.file('b.tender', bytes) } })).rejects.toMatchObject({ code: expect.stringMatching(/^SEAL_/) as string });
    await expect(call('bids.inspectTender', { source: { path: await world.pdf('c.pdf') } })).rejects.toMatchObject({ code: 'SEAL_NOT_OURS' });
  });

  it('refuses: documents that nobody could open, or that the part does not take', async () => {
    const project = await fresh();
    const { default: PdfDocument } = await import('pdfkit');
    for (const [name, options] of [['user.pdf', { userPassword: 'x', ownerPassword: 'y' }], ['owner.pdf', { ownerPassword: 'y' }]] as const) {
      const pdf = new PdfDocument(options);
      const sink = createWriteStream(world.path(name));
      pdf.pipe(sink);
      pdf.end();
      await once(sink, 'close');
      await expect(add(project, 'letter', world.path(name))).rejects.toMatchObject({ code: 'BID_PDF_ENCRYPTED' });
    }
    await expect(add(project, 'letter', await world.file('broken.pdf', '%PDF-1.7 nothing'))).rejects.toMatchObject({ code: 'BID_PDF_UNREADABLE' });
    await expect(add(project, 'letter', await world.file('empty.pdf', ''))).rejects.toMatchObject({ code: 'BID_PDF_UNREADABLE' });
    await expect(add(project, 'letter', await world.file('text.txt', 'x'))).rejects.toMatchObject({ code: 'BID_DOCUMENT_TYPE' });
    await expect(add(project, 'letter', world.path('none.pdf'))).rejects.toMatchObject({ code: 'SEAL_SOURCE_UNREADABLE' });
    await expect(add(project, 'other', world.path('text.txt'), '../x.txt')).rejects.toMatchObject({ code: 'SEAL_NAME_REFUSED' });
    const one = await add(project, 'letter', await world.pdf('letter.pdf'));
    await expect(add(one, 'letter', await world.pdf('second.pdf'))).rejects.toMatchObject({ code: 'BID_PART_FULL' });
    const other = await add(one, 'other', world.path('text.txt'));
    await expect(add(other, 'other', world.path('text.txt'), 'TEXT.TXT')).rejects.toMatchObject({ code: 'SEAL_NAME_DUPLICATE' });
    expect(await readdir(join(world.folder, 'data', 'bids', 'projects', project.id, 'documents'))).toHaveLength(2);
  });

  it('ok: documents are put in order, renamed, replaced; a replaced one has to be signed anew', async () => {
    let project = await fresh();
    const part = 'commercial';
    for (const name of ['一.pdf', '二.pdf', '三.pdf']) project = await add(project, part, await world.pdf(name));
    const [first, , third] = project.documents;
    project = await call('bids.moveDocument', { projectId: project.id, documentId: third?.id ?? '', position: 0 });
    project = await call('bids.renameDocument', { projectId: project.id, documentId: first?.id ?? '', name: '壹.pdf' });
    expect(project.documents.map(({ name }) => name)).toEqual(['三.pdf', '壹.pdf', '二.pdf']);
    await world.ended(await call('bids.sign', { projectId: project.id, ...world.with(world.bidder), documentIds: project.documents.map(({ id }) => id) }));
    project = await call('bids.replaceDocument', { projectId: project.id, documentId: third?.id ?? '', source: { path: await world.pdf('四.pdf') } });
    expect(project.documents.map(({ name, signature }) => [name, signature?.signer.subjectCommonName ?? null])).toEqual([['四.pdf', null], ['壹.pdf', BIDDER], ['二.pdf', BIDDER]]);
    project = await call('bids.removeDocument', { projectId: project.id, documentId: first?.id ?? '' });
    expect(await readdir(join(world.folder, 'data', 'bids', 'projects', project.id, 'signatures'))).toHaveLength(1);
  });

  it('refuses: sealing and signing after the copy of a document was changed', async () => {
    const project = await readyProject(world);
    const [document] = project.documents;
    const folder = join(world.folder, 'data', 'bids', 'projects', project.id, 'documents');
    const [file = ''] = (await readdir(folder)).sort();
    const original = await readFile(join(folder, file));
    await writeFile(join(folder, file), Buffer.concat([original, Buffer.from(' ')]));
    const checks = await call('bids.check', { projectId: project.id, outFolder: world.folder, token: world.with(world.bidder).token });
    expect(checks.find(({ id }) => id === 'documents')).toMatchObject({ verdict: 'blocked', reason: 'changed' });
    expect(checks.find(({ id }) => id === 'signatures')).toMatchObject({ verdict: 'blocked', reason: 'invalid' });
    await expect(call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder: world.path('out'), backup: true })).rejects.toMatchObject({ code: 'BID_NOT_READY' });
    const works = await Promise.all([world.ended(await call('bids.sign', { projectId: project.id, ...world.with(world.bidder), documentIds: project.documents.map(({ id }) => id) }))]);
    expect(works[0]?.error?.code).toBe('BID_DOCUMENT_CHANGED');
    expect(document).toBeDefined();
  });

  it('ok: the check list names what is missing, late, short of validity', async () => {
    const project = await fresh();
    const token = world.with(world.bidder).token;
    const verdicts = async () => Object.fromEntries((await call('bids.check', { projectId: project.id, outFolder: world.folder, token })).map(({ id, verdict, reason }) => [id, `${verdict} ${reason ?? ''}`.trim()]));
    expect(await verdicts()).toMatchObject({ tender: 'ok without-tender', 'opening-time': 'warning not-given', parts: 'blocked missing', openers: 'blocked group-missing', revocation: 'unknown not-known', 'openers-tested': 'unknown', 'disk-space': 'ok' });
    await call('bids.setOpeners', { projectId: project.id, openers: [{ group: 'bidder', certificateDer: base64(world.bidder.encryptCertificateDer), source: 'key' }] });
    const { revision } = await call('bids.get', { projectId: project.id });
    await call('bids.update', { projectId: project.id, revision, opensAtUtc: inDays(60) });
    expect(await verdicts()).toMatchObject({ 'opening-time': 'ok', openers: 'blocked refused', 'openers-tested': 'warning none-tested', 'several-openers': 'warning single', 'signing-key': 'warning expires-before-opening' });
    await expect(call('bids.setOpeners', { projectId: project.id, openers: ['bidder', 'tenderer'].map((group) => ({ group, certificateDer: base64(world.bidder.encryptCertificateDer), source: 'file' as const })) })).rejects.toMatchObject({ code: 'SEAL_OPENER_DUPLICATE' });
    const candidates = await call('bids.openerCandidates', { projectId: project.id });
    expect(candidates.map(({ facts }) => facts.subjectCommonName)).toEqual(expect.arrayContaining([BIDDER, TENDERER]));
    await expect(call('bids.testKey', { projectId: project.id, ...world.with(world.tenderer) })).rejects.toMatchObject({ code: 'OPENING_KEY_USELESS' });
  });

  it('ok: a copy has the documents and neither signatures nor numbers; an archived project is left alone', async () => {
    const project = await readyProject(world, { name: '原件' });
    const numbered = await call('bids.update', { projectId: project.id, revision: project.revision, bidId: 'B-77' });
    await expect(call('bids.update', { projectId: project.id, revision: project.revision, bidId: 'B-78' })).rejects.toMatchObject({ code: 'BID_PROJECT_CHANGED' });
    const copy = await call('bids.copy', { projectId: project.id, name: '副本' });
    expect(copy).toMatchObject({ name: '副本', bidId: '', outputs: [] });
    expect(copy.documents.map(({ name, signature }) => [name, signature])).toEqual(numbered.documents.map(({ name }) => [name, null]));
    expect(copy.documents.some(({ id }) => numbered.documents.some((other) => other.id === id))).toBe(false);
    await expect(call('bids.remove', { projectId: project.id })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await call('bids.setArchived', { projectId: project.id, archived: true });
    await expect(add(project, 'other', await world.pdf('late.pdf'))).rejects.toMatchObject({ code: 'BID_PROJECT_ARCHIVED' });
    await call('bids.remove', { projectId: project.id });
    await expect(call('bids.get', { projectId: project.id })).rejects.toMatchObject({ code: 'BID_PROJECT_NOT_FOUND' });
  });

  it('ok: pages of a form say what the project says: another lot or bidder makes them anew, to be signed again', async () => {
    const project = await call('bids.create', { name: '表单', tender: { path: world.path('a.tender') }, lot: '2', bidderName: BIDDER });
    const values = { bidder: BIDDER, representative: '张三', total: '1200.50', days: '90', date: '2026-12-01' };
    const filled = await call('bids.saveForm', { projectId: project.id, partId: 'letter', values });
    const lotOf = async ({ id, documents }: BidProject) => {
      const data = documents.find(({ partId, name }) => partId === 'letter' && name.endsWith('.json')) ?? expect.unreachable('the values for programs');
      return (JSON.parse(Buffer.from((await call('bids.readDocument', { projectId: id, documentId: data.id, offset: 0, length: 4096 })).bytes, 'base64').toString()) as { lot: string }).lot;
    };
    expect(await lotOf(filled)).toBe('2');
    const signed = await world.ended(await call('bids.sign', { projectId: project.id, documentIds: filled.documents.map(({ id }) => id), ...world.with(world.bidder) }));
    expect(signed.error).toBeNull();
    const same = await call('bids.get', { projectId: project.id });
    const named = await call('bids.update', { projectId: project.id, revision: same.revision, name: '表单二' });
    expect(named.documents).toEqual(same.documents);
    const moved = await call('bids.update', { projectId: project.id, revision: named.revision, lot: '1' });
    expect([await lotOf(moved), moved.documents.length, moved.parts[0]?.state, moved.documents.map(({ signature }) => signature)]).toEqual(['1', 2, 'complete', [null, null]]);
    expect(await readdir(join(world.folder, 'data', 'bids', 'projects', project.id, 'documents'))).toHaveLength(2);
  });

  it('refuses: a form whose page could not show a character; what was typed is kept, and the page is made once it is written otherwise', async () => {
    const project = await call('bids.create', { name: '生僻字', tender: { path: world.path('a.tender') }, lot: '2', bidderName: BIDDER });
    const values = { bidder: BIDDER, representative: '王\u{1F600}', total: '1200.50', days: '90', date: '2026-12-01' };
    await expect(call('bids.saveForm', { projectId: project.id, partId: 'letter', values })).rejects.toMatchObject({ code: 'BID_CHARACTER', details: { characters: '\u{1F600} (U+1F600)' } });
    const kept = await call('bids.get', { projectId: project.id });
    expect([kept.forms['letter'], kept.documents, kept.parts[0]?.state]).toEqual([values, [], 'begun']);
    const filled = await call('bids.saveForm', { projectId: project.id, partId: 'letter', values: { ...values, representative: '王㛃' } });
    expect([filled.documents.length, filled.parts[0]?.state]).toEqual([2, 'complete']);
  });

  it('ok: after a power cut the last whole state is there', async () => {
    const project = await add(await fresh('断电'), 'letter', await world.pdf('kept.pdf'));
    await call('bids.update', { projectId: project.id, revision: project.revision, lot: '一' });
    const text = await readFile(manifestOf(project), 'utf8');
    await writeFile(manifestOf(project), text.slice(0, text.length >> 1));
    await writeFile(`${manifestOf(project)}.abc.new`, 'half');
    await world.restart();
    expect((await call('bids.get', { projectId: project.id })).documents.map(({ name }) => name)).toEqual(['kept.pdf']);
    expect((await call('bids.list', undefined)).map(({ id }) => id)).toContain(project.id);
  });

  it('ok: a sealing that is cancelled leaves nothing, and the next one works', async () => {
    const project = await add(await readyProject(world), 'other', await world.file('large.bin', new Uint8Array(96 << 20)));
    const outFolder = world.path('cancelled');
    const work = await call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder, backup: true });
    await expect(call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder, backup: true })).rejects.toMatchObject({ code: 'BID_WORK_RUNNING' });
    await call('work.cancel', { workId: work.id });
    expect((await world.ended(work)).state).toBe('cancelled');
    expect(await readdir(outFolder)).toEqual([]);
    await call('bids.removeDocument', { projectId: project.id, documentId: project.documents.at(-1)?.id ?? '' });
    const again = await world.ended(await call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder, backup: false }));
    expect(again.state).toBe('done');
    expect((await readdir(outFolder)).map((name) => name.replace(/^.*\./, '')).sort()).toEqual(['bid']);
  });

  it('ok: a sealed bid is known to the ledger also when the project can no longer be written', async () => {
    const project = await readyProject(world, { name: '写不进' });
    const before = `${manifestOf(project)}.before`;
    await rm(before);
    await mkdir(before);
    const outFolder = world.path('unwritten');
    const work = await world.ended(await call('bids.seal', { projectId: project.id, ...world.with(world.bidder), outFolder, backup: false }));
    expect(work.state).toBe('failed');
    const made = (await readdir(outFolder)).filter((name) => name.endsWith('.bid')).map((name) => join(outFolder, name));
    expect(made).toHaveLength(1);
    expect((await call('ledger.list', {})).items.map(({ file }) => file)).toContain(made[0]);
    await rm(before, { recursive: true });
  });

  it('refuses: a wrong PIN, before anything begins', async () => {
    const project = await readyProject(world);
    await expect(call('bids.seal', { projectId: project.id, token: world.with(world.bidder).token, pin: '000000', outFolder: world.path('pin'), backup: true })).rejects.toMatchObject({ code: 'PIN_INCORRECT' });
    expect((await call('bids.get', { projectId: project.id })).outputs).toEqual([]);
  });

  it('ok: uploads arrive whole or not at all', async () => {
    const project = await fresh();
    const { uploadId } = await call('files.beginUpload', { name: 'C:\\fakepath\\说明.txt', sizeBytes: 6 });
    await call('files.appendUpload', { uploadId, offset: 0, bytes: base64(Buffer.from('abc')) });
    await expect(call('files.appendUpload', { uploadId, offset: 0, bytes: base64(Buffer.from('abc')) })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    await expect(call('files.appendUpload', { uploadId, offset: 3, bytes: base64(Buffer.from('abcd')) })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    await expect(call('bids.addDocument', { projectId: project.id, partId: 'other', source: { uploadId } })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    await call('files.appendUpload', { uploadId, offset: 3, bytes: base64(Buffer.from('def')) });
    const added = await call('bids.addDocument', { projectId: project.id, partId: 'other', source: { uploadId } });
    expect(added.documents.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([['说明.txt', 6]]);
    await expect(call('bids.addDocument', { projectId: project.id, partId: 'other', source: { uploadId } })).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });

  it('refuses: folders that are neither the person’s nor removable, also by a link', async () => {
    for (const path of ['/etc', '/', 'relative', '/root/../etc']) await expect(call('files.list', { path })).rejects.toMatchObject({ code: 'FILE_PLACE_REFUSED' });
    await mkdir(world.path('x'), { recursive: true });
    await rm(world.path('x'), { recursive: true });
  });
});
