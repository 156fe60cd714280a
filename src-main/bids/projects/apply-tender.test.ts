import { describe, expect, it } from 'vitest';
import type { BidPart, FormField, TenderFacts } from '#shared/contract/desktop/bids.ts';
import { applyTender } from './apply-tender.ts';
import type { DocumentRecord, ProjectRecord } from './project-record.ts';

const AT = new Date('2026-11-20T08:00:00Z');
const NAMED = '2026-11-19T08:00:00.000Z';
const field = (id: string, changes: Partial<FormField> = {}): FormField => ({ id, title: `field ${id}`, kind: 'text', required: true, choices: [], minimum: null, maximum: null, maxLength: null, ...changes });
const part = (id: string, changes: Partial<BidPart> = {}): BidPart => ({ id, title: `part ${id}`, kind: 'documents', required: true, mediaTypes: [], maxBytes: null, maxDocuments: null, mustBeSigned: false, fields: [], ...changes });
const form = (id: string, ...fields: FormField[]): BidPart => part(id, { kind: 'form', mustBeSigned: true, fields });
const signature = { file: 's', signerDer: '', signedAtUtc: NAMED, sha256Hex: '00' };
const document = (partId: string, name: string, changes: Partial<DocumentRecord> = {}): DocumentRecord => ({ id: `${partId}-${name}`, partId, name, file: name, mediaType: 'text/plain', sizeBytes: 10, pages: null, sha256Hex: '00', addedAtUtc: NAMED, generated: false, signature: null, ...changes });
const facts = (parts: BidPart[], changes: Partial<TenderFacts> = {}): TenderFacts => ({
  tenderId: 'T', title: 'Road', tenderer: 'City', lots: [{ id: '1', title: '' }, { id: '2', title: '' }], opensAtUtc: null, suite: 'sm', sealIdHex: 'aa'.repeat(16), madeAtUtc: NAMED, signatureValid: true, signerTrust: 'not-checked', parts, documents: [], groups: [],
  signer: { sha256Hex: '00', subjectCommonName: 'City', organisation: null, subject: '', issuerCommonName: '', serialHex: '01', notBeforeUtc: NAMED, notAfterUtc: NAMED, keyAlgorithm: 'sm2', purpose: 'sign' }, ...changes,
});
function project(parts: BidPart[], changes: Partial<ProjectRecord> = {}): ProjectRecord {
  const tender = { file: 'first.tender', facts: facts(parts), openers: [] };
  return { version: 1, id: 'project-1', createdAtUtc: NAMED, updatedAtUtc: NAMED, revision: 1, name: 'P', archived: false, bidderName: 'B', tenderTitle: 'Road', tenderId: 'T', lot: '2', opensAtUtc: null, bidId: '', suite: 'sm', forms: {}, tender, parts, documents: [], openers: [], outputs: [], ...changes };
}
const apply = (before: ProjectRecord, parts: BidPart[], changes: Partial<TenderFacts> = {}) => applyTender(before, { facts: facts(parts, { sealIdHex: 'bb'.repeat(16), ...changes }), openers: [], rootHex: '' }, 'second.tender', AT);

describe('a project under a newer tender package', () => {
  it('ok: documents of parts that stay are left as they are, signed or not; those of a part that is gone are set aside with its title', () => {
    const [kept, gone] = [document('a', 'x', { signature }), document('b', 'y', { signature })];
    const { record, effects, dropped } = apply(project([part('a'), part('b')], { documents: [kept, gone] }), [part('a', { title: 'other' })]);
    expect([record.documents, record.setAside?.documents, dropped]).toEqual([[kept], [{ ...gone, partTitle: 'part b' }], []]);
    expect(effects.setAside).toEqual([{ name: 'y', partTitle: 'part b' }]);
  });

  it('ok: a part that becomes a form sets its documents aside; a form that becomes a part for files its values', () => {
    const page = document('f', 'f.pdf', { generated: true, signature });
    const before = project([part('a'), form('f', field('x'), field('y'))], { documents: [document('a', 'x'), page], forms: { f: { x: '1', y: '' } } });
    const { record, dropped, effects } = apply(before, [form('a', field('x')), part('f')]);
    expect([record.documents, record.forms, dropped]).toEqual([[], {}, [page]]);
    expect(record.setAside).toMatchObject({ documents: [{ name: 'x' }], values: [{ partTitle: 'part f', fieldTitle: 'field x', value: '1' }] });
    expect([effects.formsToFill, effects.toSign]).toEqual([['part a'], []]);
  });

  it('ok: what was set aside comes back with its part, unless a document of that name stands there now; a value unless one was typed since', () => {
    const setAside = { documents: [{ ...document('b', 'y'), partTitle: 'old' }, { ...document('b', 'z', { id: 'second' }), partTitle: 'old' }], values: ['x', 'y'].map((fieldId) => ({ partId: 'f', partTitle: 'old', fieldId, fieldTitle: fieldId, value: 'before' })) };
    const before = project([part('b'), form('f', field('x'))], { documents: [document('b', 'Z')], forms: { f: { x: 'typed' } }, setAside });
    const { record, effects } = apply(before, [part('b'), form('f', field('x'), field('y'))]);
    expect([record.documents.map(({ name }) => name), record.setAside?.documents.map(({ name }) => name)]).toEqual([['Z', 'y'], ['z']]);
    expect([record.forms, record.setAside?.values.map(({ fieldId }) => fieldId), effects.broughtBack]).toEqual([{ f: { x: 'typed', y: 'before' } }, ['x'], [{ name: 'y', partTitle: 'part b' }]]);
  });

  it('ok: pages of a form stay signed while nothing that stands on them changes; a new title has them made anew', () => {
    const page = document('f', 'f.pdf', { generated: true, signature });
    const before = project([form('f', field('x'))], { documents: [page], forms: { f: { x: '1' } } });
    expect(apply(before, [form('f', field('x'))], { opensAtUtc: '2027-01-01T00:00:00Z' })).toMatchObject({ dropped: [], record: { documents: [page] }, effects: { toSign: [] } });
    expect(apply(before, [form('f', field('x'))], { title: 'Bridge' })).toMatchObject({ dropped: [page], record: { documents: [] }, effects: { toSign: [{ name: 'f.pdf', partTitle: 'part f', reason: 'remade' }], formsToFill: [] } });
    expect(apply(before, [form('f', field('x'), field('y'))])).toMatchObject({ dropped: [page], effects: { toSign: [], formsToFill: ['part f'] } });
  });

  it('ok: documents that are to be signed from now on, and those that their part no longer takes, are named', () => {
    const before = project([part('a')], { documents: [document('a', 'x'), document('a', 'y', { signature })] });
    const { effects } = apply(before, [part('a', { mustBeSigned: true, maxDocuments: 1 })]);
    expect(effects).toMatchObject({ toSign: [{ name: 'x', reason: 'asked' }], notTaken: [{ name: 'y', partTitle: 'part a', reason: 'count' }] });
  });

  it('ok: the lot stays while it is tendered; one that is gone is not exchanged for another by itself', () => {
    expect(apply(project([part('a')]), [part('a')])).toMatchObject({ record: { lot: '2' }, effects: { lotLost: null } });
    expect(apply(project([part('a')]), [part('a')], { lots: [{ id: '1', title: '' }] })).toMatchObject({ record: { lot: '' }, effects: { lotLost: '2' } });
    expect(apply(project([part('a')], { lot: '' }), [part('a')], { lots: [{ id: '1', title: '' }] })).toMatchObject({ record: { lot: '1' }, effects: { lotLost: null } });
  });

  it('ok: bids that are sealed answer the package that stood then, also those that did not note it; the packages before are kept by name', () => {
    const output = { sealIdHex: '01'.repeat(16), path: '/a.bid', backupPath: null, ticketPath: null, sizeBytes: 1, rootHex: '', sha256Hex: '', documents: 1, sealedAtUtc: NAMED, openers: [] };
    const first = apply(project([part('a')], { outputs: [output] }), [part('a')]);
    expect([first.record.outputs.map(({ tenderSealIdHex }) => tenderSealIdHex), first.effects.sealedForOlder]).toEqual([['aa'.repeat(16)], 1]);
    const sealedAnew = { ...first.record, outputs: [{ ...output, tenderSealIdHex: 'bb'.repeat(16) }, ...first.record.outputs] };
    const second = apply(sealedAnew, [part('a')], { sealIdHex: 'cc'.repeat(16) });
    expect([second.effects.sealedForOlder, second.record.replacedTenders?.map(({ sealIdHex, file }) => [sealIdHex, file])]).toEqual([2, [['bb'.repeat(16), 'second.tender'], ['aa'.repeat(16), 'first.tender']]]);
  });
});
