/** 补遗: a newer tender package for a project that has one, on software UKeys of a bidder and a tenderer. One engine for all. */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BidProject } from '#shared/contract/desktop/bids.ts';
import type { TenderDraft } from '#shared/contract/desktop/tenders.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { inspectBid } from '../../src-main/sealing/sealed-file.ts';
import { createSealingMeans } from '../../src-main/sealing/sealing-means.ts';
import { engine as smEngine } from '../seal/support/seal-world.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { random } from '../token/sm2-fixtures.ts';
import { BIDDER, createBidWorld, inDays, TENDERER, type BidWorld } from './support/bid-world.ts';
import type { NamedKey } from './support/named-keys.ts';

const missing = softUkeyMissing();
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const wholeSeconds = (utc: string) => utc.replace('.000', '');
const LETTER = { bidder: BIDDER, representative: '张三', total: '1200.50', days: '90', date: '2026-12-01' };
const HALL = '某某市开标大厅';

describe.skipIf(missing !== null)(`a newer tender package${missing ? ` (${missing})` : ''}`, () => {
  let world: BidWorld;
  let draft: TenderDraft;
  const call: BidWorld['engine']['call'] = (method, input) => world.engine.call(method, input);
  const tenderers = (certificate: Uint8Array) => [{ group: 'tenderer', certificateDer: base64(certificate), source: 'file' as const }];

  /** Signs and writes the draft as it now is, in a later second than whatever was made before: that is what tells packages apart. */
  async function publish(name: string, signer: NamedKey = world.tenderer): Promise<string> {
    const [last] = (draft = await call('tenders.get', { draftId: draft.id })).made;
    while (last && Math.floor(Date.now() / 1000) <= Math.floor(Date.parse(last.madeAtUtc) / 1000)) await new Promise((resolve) => setTimeout(resolve, 20));
    const work = await world.ended(await call('tenders.make', { draftId: draft.id, ...world.with(signer), outPath: world.path(name) }));
    expect(work.error).toBeNull();
    draft = await call('tenders.get', { draftId: draft.id });
    return world.path(name);
  }
  const change = async (changes: object) => {
    draft = await call('tenders.update', { draftId: draft.id, revision: draft.revision, ...changes });
  };
  const taken = async (project: BidProject, path: string, typedSigner?: string): Promise<BidProject> => {
    const { rootHex, revision } = await call('bids.compareTender', { projectId: project.id, source: { path } });
    return call('bids.takeTender', { projectId: project.id, revision, source: { path }, rootHex, ...(typedSigner === undefined ? {} : { typedSigner }) });
  };
  const begin = (name = '补遗') => call('bids.create', { name, tender: { path: world.path('first.tender') }, lot: '1', bidderName: BIDDER });
  const folderOf = (project: BidProject) => join(world.folder, 'data', 'bids', 'projects', project.id);

  beforeAll(async () => {
    world = await createBidWorld();
    draft = await call('tenders.create', { title: '某某工程' });
    await change({ tenderId: 'ZB-7', tenderer: TENDERER, lots: [{ id: '1', title: '道路' }, { id: '2', title: '桥梁' }], opensAtUtc: wholeSeconds(inDays(5)), openers: tenderers(world.tenderer.encryptCertificateDer) });
    for (const name of ['公告.pdf', '图纸.pdf']) await call('tenders.addDocument', { draftId: draft.id, source: { path: await world.pdf(name) } });
    await publish('first.tender');
  });
  afterAll(() => world?.dispose());

  it('ok: what changed is shown before it is taken over; the bidder’s work stays, and what is to be done anew is named', async () => {
    let project = await begin();
    const { id: projectId } = project;
    await call('bids.saveForm', { projectId, partId: 'letter', values: LETTER });
    for (const partId of ['commercial', 'technical']) project = await call('bids.addDocument', { projectId, partId, source: { path: await world.pdf(`${partId}.pdf`) } });
    await call('bids.setOpeners', { projectId, openers: [...project.openers, { group: 'bidder', certificateDer: base64(world.bidder.encryptCertificateDer), source: 'key' as const }].map(({ group, certificateDer, source }) => ({ group, certificateDer, source })) });
    await world.ended(await call('bids.sign', { projectId, ...world.with(world.bidder), documentIds: project.documents.map(({ id }) => id) }));
    const sealed = await world.ended(await call('bids.seal', { projectId, ...world.with(world.bidder), outFolder: world.path('old'), backup: false }));
    expect(sealed.error).toBeNull();
    expect(sealed.output?.tenderSealIdHex).toBe(project.tender?.sealIdHex);
    await call('bids.readTenderDocument', { projectId, name: '公告.pdf', offset: 0, length: 4 });

    const pair = generateSm2KeyPair(random);
    const hall = await world.ca.issue(buildEcPublicKeyInfo('sm2', pair.publicKey), `/C=CN/O=${HALL}/CN=${HALL}`, 'keyEncipherment, dataEncipherment');
    const opensAtUtc = wholeSeconds(inDays(8));
    const [letter, commercial] = draft.parts;
    if (!letter || !commercial) return expect.unreachable('the parts of a new draft');
    const warranty = { id: 'warranty', title: '质保期（月）', kind: 'integer' as const, required: true, choices: [], minimum: 12, maximum: null, maxLength: null };
    await change({
      opensAtUtc, suite: 'aes', openers: tenderers(hall),
      parts: [{ ...letter, fields: [...letter.fields.filter(({ id }) => id !== 'days'), warranty] }, { ...commercial, title: '商务文件' }, { ...commercial, id: 'plan', title: '施工组织设计' }],
    });
    const notice = draft.documents.find(({ name }) => name === '公告.pdf') ?? expect.unreachable('the notice');
    await call('tenders.removeDocument', { draftId: draft.id, documentId: notice.id });
    await call('tenders.addDocument', { draftId: draft.id, source: { path: await world.pdf('公告.pdf', '公告（修改）') } });
    await call('tenders.addDocument', { draftId: draft.id, source: { path: await world.pdf('澄清.pdf') } });
    const path = await publish('second.tender');

    const shown = await call('bids.compareTender', { projectId, source: { path } });
    expect(shown).toMatchObject({ signer: 'same', confirmation: null, replaces: { sealIdHex: project.tender?.sealIdHex }, tender: { signer: { subjectCommonName: TENDERER }, opensAtUtc } });
    expect(shown.differences).toMatchObject({ title: null, tenderer: null, suite: { before: 'sm', after: 'aes' }, opensAtUtc: { before: project.opensAtUtc, after: opensAtUtc }, partsReordered: false, lots: { added: [], removed: [], renamed: [] } });
    expect(shown.differences.parts.map(({ before, after, changed, fields }) => [before?.id ?? null, after?.id ?? null, changed, fields.map((field) => `${field.before?.id ?? '+'} ${field.after?.id ?? '-'}`)])).toEqual([
      ['letter', 'letter', [], ['+ warranty', 'days -']], ['commercial', 'commercial', ['title'], []], [null, 'plan', [], []], ['technical', null, [], []], ['other', null, [], []],
    ]);
    expect(shown.differences.openers.map(({ change: how, facts }) => `${how} ${facts.subjectCommonName}`)).toEqual([`added ${HALL}`, `removed ${TENDERER}`]);
    // Another suite has other digests: 图纸.pdf is compared by its octets.
    expect(shown.differences.documents).toEqual([{ name: '公告.pdf', change: 'changed' }, { name: '澄清.pdf', change: 'added' }]);
    expect(shown.effects).toMatchObject({ lotLost: null, setAside: [{ name: 'technical.pdf', partTitle: '技术标' }], broughtBack: [], notTaken: [], formsToFill: ['投标函'], toSign: [], openersDropped: [], sealedForOlder: 1, valuesSetAside: [{ fieldTitle: '工期（日历天）', value: '90' }] });
    expect(await call('bids.get', { projectId })).toMatchObject({ suite: 'sm', replacedTenders: [] });

    const after = await taken(project, path);
    expect(after).toMatchObject({ opensAtUtc, suite: 'aes', lot: '1', sealedForOlderTender: true, tender: { sealIdHex: shown.tender.sealIdHex }, replacedTenders: [{ sealIdHex: project.tender?.sealIdHex, signerName: TENDERER }] });
    expect(after.parts.map(({ id, state }) => `${id} ${state}`)).toEqual(['letter begun', 'commercial complete', 'plan empty']);
    expect(after.documents.map(({ name, signature }) => [name, signature !== null])).toEqual([['commercial.pdf', true]]);
    expect(after.forms).toEqual({ letter: { bidder: BIDDER, representative: '张三', total: '1200.50', date: '2026-12-01' } });
    expect(after.setAside).toMatchObject({ documents: [{ name: 'technical.pdf', partTitle: '技术标' }], values: [{ fieldId: 'days', value: '90' }] });
    expect(after.openers.map(({ group, facts }) => `${group} ${facts.subjectCommonName}`)).toEqual([`tenderer ${HALL}`, `bidder ${BIDDER}`]);
    expect(after.outputs[0]?.tenderSealIdHex).toBe(project.tender?.sealIdHex);
    expect((await call('ledger.get', { sealId: sealed.output?.sealIdHex ?? '' })).tenderReplacedAtUtc).toBeDefined();
    const piece = await call('bids.readTenderDocument', { projectId, name: '澄清.pdf', offset: 0, length: 4 });
    expect(Buffer.from(piece.bytes, 'base64').toString()).toBe('%PDF');
    expect((await readdir(folderOf(project))).filter((name) => name.startsWith('tender-document-')).every((name) => name.includes(shown.tender.sealIdHex))).toBe(true);

    const [aside] = after.setAside.documents;
    if (!aside) return expect.unreachable('the document that was set aside');
    const look = await call('bids.readDocument', { projectId, documentId: aside.id, offset: 0, length: 4 });
    expect(Buffer.from(look.bytes, 'base64').toString()).toBe('%PDF');
    await expect(call('bids.takeBack', { projectId, documentId: aside.id, partId: 'letter' })).rejects.toMatchObject({ code: 'BID_PART_FORM' });
    const back = await call('bids.takeBack', { projectId, documentId: aside.id, partId: 'plan' });
    expect([back.setAside.documents, back.documents.map(({ partId, signature }) => [partId, signature !== null])]).toEqual([[], [['commercial', true], ['plan', true]]]);
    expect((await call('bids.forgetValues', { projectId })).setAside.values).toEqual([]);

    const filled = await call('bids.saveForm', { projectId, partId: 'letter', values: { ...after.forms['letter'], warranty: '24' } });
    await world.ended(await call('bids.sign', { projectId, ...world.with(world.bidder), documentIds: filled.documents.filter(({ signature }) => signature === null).map(({ id }) => id) }));
    const anew = await world.ended(await call('bids.seal', { projectId, ...world.with(world.bidder), outFolder: world.path('new'), backup: false }));
    expect(anew.error).toBeNull();
    expect(await inspectBid(anew.output?.path ?? '', createSealingMeans(smEngine))).toMatchObject({ suite: 'aes', opensAtUtc: new Date(opensAtUtc).toISOString(), groups: [{ name: 'bidder' }, { name: 'tenderer', openers: [{ label: HALL }] }] });
    expect(await call('bids.get', { projectId })).toMatchObject({ sealedForOlderTender: false, outputs: [{ tenderSealIdHex: shown.tender.sealIdHex }, { tenderSealIdHex: project.tender?.sealIdHex }] });
    expect((await call('ledger.get', { sealId: anew.output?.sealIdHex ?? '' })).tenderReplacedAtUtc).toBeUndefined();
  });

  it('ok: forms that are still complete are written anew with the new title, to be signed anew; what comes back into the tender comes back into the bid', async () => {
    const project = await begin('回来');
    const { id: projectId } = project;
    const filled = await call('bids.saveForm', { projectId, partId: 'letter', values: LETTER });
    const added = await call('bids.addDocument', { projectId, partId: 'technical', source: { path: await world.pdf('方案.pdf') } });
    await world.ended(await call('bids.sign', { projectId, ...world.with(world.bidder), documentIds: filled.documents.map(({ id }) => id) }));
    const without = await taken(added, world.path('second.tender'));
    expect(without.setAside.documents.map(({ name }) => name)).toEqual(['方案.pdf']);
    const [letter, commercial] = draft.parts;
    if (!letter || !commercial) return expect.unreachable('the parts of the draft');
    const days = { id: 'days', title: '工期（日历天）', kind: 'integer' as const, required: true, choices: [], minimum: null, maximum: null, maxLength: null };
    await change({ title: '某某工程（变更）', parts: [{ ...letter, fields: [...letter.fields.filter(({ id }) => id !== 'warranty'), days] }, commercial, { ...commercial, id: 'technical', title: '技术标', maxDocuments: 1 }] });
    const path = await publish('third.tender');
    const shown = await call('bids.compareTender', { projectId, source: { path } });
    expect(shown.effects).toMatchObject({ broughtBack: [{ name: '方案.pdf', partTitle: '技术标' }], formsToFill: [] });
    const back = await taken(without, path);
    expect(back.documents.map(({ partId, generated, signature }) => [partId, generated, signature])).toEqual([['technical', false, null], ['letter', true, null], ['letter', true, null]]);
    expect([back.tenderTitle, back.setAside, back.parts.map(({ state }) => state)]).toEqual(['某某工程（变更）', { documents: [], values: [] }, ['complete', 'empty', 'complete']]);
    expect(back.replacedTenders).toHaveLength(2);
    expect((await call('bids.compareTender', { projectId: (await begin('直接')).id, source: { path } })).differences.title).toEqual({ before: '某某工程', after: '某某工程（变更）' });
  });

  it('refuses: a package of another tender, the same one, an older one, one that was changed, a project without a package or put away', async () => {
    const project = await begin('拒绝');
    const { id: projectId } = project;
    const compare = (path: string) => call('bids.compareTender', { projectId, source: { path } });
    await expect(compare(world.path('first.tender'))).rejects.toMatchObject({ code: 'BID_TENDER_SAME' });
    await change({ tenderId: 'ZB-8' });
    const other = await publish('other.tender');
    await change({ tenderId: 'ZB-7' });
    await expect(compare(other)).rejects.toMatchObject({ code: 'BID_TENDER_OTHER', details: { tenderId: 'ZB-8', wantedTenderId: 'ZB-7' } });
    const newer = await taken(project, world.path('third.tender'));
    await expect(compare(world.path('second.tender'))).rejects.toMatchObject({ code: 'BID_TENDER_OLDER' });
    const bytes = await readFile(world.path('third.tender'));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await expect(compare(await world.file('bent.tender', bytes))).rejects.toMatchObject({ code: expect.stringMatching(/^SEAL_/) as string });
    const without = await call('bids.create', { name: '无', tender: null });
    await expect(call('bids.compareTender', { projectId: without.id, source: { path: other } })).rejects.toMatchObject({ code: 'BID_TENDER_NONE' });
    await call('bids.setArchived', { projectId, archived: true });
    await expect(compare(other)).rejects.toMatchObject({ code: 'BID_PROJECT_ARCHIVED' });
    expect((await call('bids.get', { projectId })).tender).toEqual(newer.tender);
  });

  it('refuses: taking over another file than was shown, or under another state of the project; nothing is left behind', async () => {
    const project = await begin('调包');
    const { id: projectId } = project;
    const path = await world.file('swapped.tender', await readFile(world.path('second.tender')));
    const shown = await call('bids.compareTender', { projectId, source: { path } });
    await copyFile(world.path('third.tender'), path);
    const take = (revision: number) => call('bids.takeTender', { projectId, revision, source: { path }, rootHex: shown.rootHex });
    await expect(take(shown.revision)).rejects.toMatchObject({ code: 'BID_TENDER_CHANGED' });
    await copyFile(world.path('second.tender'), path);
    const renamed = await call('bids.update', { projectId, revision: shown.revision, name: '改名' });
    await expect(take(shown.revision)).rejects.toMatchObject({ code: 'BID_PROJECT_CHANGED' });
    expect(await readdir(folderOf(project))).toEqual(expect.not.arrayContaining([expect.stringMatching(/^incoming-/)]) as string[]);
    expect((await take(renamed.revision)).tender?.sealIdHex).toBe(shown.tender.sealIdHex);
  });

  it('refuses: another signer, unless its name is typed; ok: a certificate of the bidder that the tender names is the tender’s from then on', async () => {
    const begun = await begin('他人');
    const own = { group: 'bidder', certificateDer: base64(world.bidder.encryptCertificateDer), source: 'key' as const };
    const project = await call('bids.setOpeners', { projectId: begun.id, openers: [...begun.openers.map(({ group, certificateDer, source }) => ({ group, certificateDer, source })), own] });
    await change({ openers: tenderers(world.bidder.encryptCertificateDer) });
    const path = await publish('stranger.tender', world.bidder);
    const shown = await call('bids.compareTender', { projectId: project.id, source: { path } });
    expect(shown).toMatchObject({ signer: 'other', confirmation: BIDDER, replaces: { signer: { subjectCommonName: TENDERER } }, tender: { signer: { subjectCommonName: BIDDER } } });
    await expect(taken(project, path)).rejects.toMatchObject({ code: 'BID_TENDER_SIGNER', details: { signer: BIDDER, before: TENDERER } });
    await expect(taken(project, path, TENDERER)).rejects.toMatchObject({ code: 'BID_TENDER_SIGNER' });
    const after = await taken(project, path, ` ${BIDDER} `);
    expect([after.tender?.signer.subjectCommonName, shown.effects.openersDropped.map(({ subjectCommonName }) => subjectCommonName), after.openers.map(({ group }) => group)]).toEqual([BIDDER, [BIDDER], ['tenderer']]);
  });

  it('ok: after a power cut the project has the older or the newer package, each with its documents', async () => {
    const project = await begin('断电');
    await writeFile(join(folderOf(project), 'incoming-left.tender'), 'half');
    const after = await taken(project, world.path('third.tender'));
    expect(await readdir(folderOf(project))).not.toContain('incoming-left.tender');
    const manifest = join(folderOf(project), 'project.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.slice(0, text.length >> 1));
    await world.restart();
    const before = await call('bids.get', { projectId: project.id });
    expect([before.tender?.sealIdHex, before.tenderTitle]).toEqual([project.tender?.sealIdHex, '某某工程']);
    const piece = await call('bids.readTenderDocument', { projectId: project.id, name: '图纸.pdf', offset: 0, length: 4 });
    expect(Buffer.from(piece.bytes, 'base64').toString()).toBe('%PDF');
    expect((await taken(before, world.path('third.tender'))).tender).toEqual(after.tender);
  });
});
