import { describe, expect, it } from 'vitest';
import type { BidPart, CertificateFacts, FormField, TenderFacts } from '#shared/contract/desktop/bids.ts';
import { compareTenders, confirmationOf, requireSuccessor, sameSigner } from './compare-tenders.ts';

const certificate = (name: string, sha256Hex = name): CertificateFacts => ({
  sha256Hex, subjectCommonName: name, organisation: name, subject: `CN=${name}`, issuerCommonName: 'CA', serialHex: '01', notBeforeUtc: '2026-01-01T00:00:00Z', notAfterUtc: '2027-01-01T00:00:00Z', keyAlgorithm: 'sm2', purpose: 'both',
});
const part = (id: string, changes: Partial<BidPart> = {}): BidPart => ({ id, title: id, kind: 'documents', required: true, mediaTypes: ['application/pdf'], maxBytes: null, maxDocuments: null, mustBeSigned: true, fields: [], ...changes });
const field = (id: string, changes: Partial<FormField> = {}): FormField => ({ id, title: id, kind: 'text', required: true, choices: [], minimum: null, maximum: null, maxLength: null, ...changes });
const FIRST: TenderFacts = {
  tenderId: 'T-1', title: 'Road', tenderer: 'City', lots: [{ id: '1', title: 'A' }, { id: '2', title: 'B' }], opensAtUtc: '2026-12-01T01:00:00Z', suite: 'sm', sealIdHex: '11'.repeat(16), madeAtUtc: '2026-11-01T00:00:00Z',
  signer: certificate('City'), signatureValid: true, signerTrust: 'trusted', parts: [part('a'), part('b'), part('f', { kind: 'form', fields: [field('x'), field('y')] })], documents: [], groups: [{ name: 'tenderer', openers: [certificate('hall')] }],
};
const next = (changes: Partial<TenderFacts> = {}): TenderFacts => ({ ...FIRST, sealIdHex: '22'.repeat(16), madeAtUtc: '2026-11-02T00:00:00Z', ...changes });

describe('a newer tender package beside the one before', () => {
  it('ok: two that say the same have no differences', () => {
    expect(compareTenders(FIRST, next(), [])).toEqual({ title: null, tenderer: null, opensAtUtc: null, suite: null, lots: { added: [], removed: [], renamed: [] }, parts: [], partsReordered: false, openers: [], documents: [] });
  });

  it('ok: terms and lots, each with before and after; an opening time that is given, moved or taken away', () => {
    const { opensAtUtc, title, suite, lots } = compareTenders(FIRST, next({ opensAtUtc: null, title: 'Bridge', suite: 'aes', lots: [{ id: '2', title: 'C' }, { id: '3', title: 'D' }] }), []);
    expect({ opensAtUtc, title, suite }).toEqual({ opensAtUtc: { before: '2026-12-01T01:00:00Z', after: null }, title: { before: 'Road', after: 'Bridge' }, suite: { before: 'sm', after: 'aes' } });
    expect(lots).toEqual({ added: [{ id: '3', title: 'D' }], removed: [{ id: '1', title: 'A' }], renamed: [{ before: { id: '2', title: 'B' }, after: { id: '2', title: 'C' } }] });
  });

  it('ok: parts by their ids: added, gone, changed term by term; those that are the same are left out', () => {
    const { parts, partsReordered } = compareTenders(FIRST, next({ parts: [part('new'), part('b', { title: 'B', maxBytes: 9, mediaTypes: [] }), part('f', { kind: 'form', fields: [field('x'), field('y')] })] }), []);
    expect(parts.map(({ before, after, changed }) => [before?.id ?? null, after?.id ?? null, changed])).toEqual([[null, 'new', []], ['b', 'b', ['title', 'mediaTypes', 'maxBytes']], ['a', null, []]]);
    expect(partsReordered).toBe(false);
  });

  it('ok: another order of the same parts is a difference: the bid is put together in it', () => {
    expect(compareTenders(FIRST, next({ parts: [...FIRST.parts].reverse() }), [])).toMatchObject({ parts: [], partsReordered: true });
    expect(compareTenders(FIRST, next({ parts: FIRST.parts.slice(1) }), []).partsReordered).toBe(false);
  });

  it('ok: fields of a form: added, gone, changed', () => {
    const fields = [field('y', { kind: 'choice', choices: ['1'], required: false }), field('z')];
    const { parts: [form] } = compareTenders(FIRST, next({ parts: [part('a'), part('b'), part('f', { kind: 'form', fields })] }), []);
    expect(form?.fields.map(({ before, after, changed }) => [before?.id ?? null, after?.id ?? null, changed])).toEqual([['y', 'y', ['kind', 'required', 'choices']], [null, 'z', []], ['x', null, []]]);
    expect(form?.changed).toEqual([]);
  });

  it('ok: an opener that moves to another group is one less there and one more here', () => {
    const groups = [{ name: 'tenderer', openers: [certificate('new')] }, { name: 'notary', openers: [certificate('hall')] }];
    expect(compareTenders(FIRST, next({ groups }), []).openers.map(({ change, group, facts }) => `${change} ${group} ${facts.sha256Hex}`)).toEqual(['added tenderer new', 'added notary hall', 'removed tenderer hall']);
  });

  it('refuses: another tender, the same package, one that was not signed later', () => {
    expect(() => requireSuccessor(FIRST, next())).not.toThrow();
    expect(() => requireSuccessor(FIRST, next({ tenderId: 'T-2' }))).toThrow(expect.objectContaining({ code: 'BID_TENDER_OTHER' }) as Error);
    expect(() => requireSuccessor(FIRST, next({ sealIdHex: FIRST.sealIdHex }))).toThrow(expect.objectContaining({ code: 'BID_TENDER_SAME' }) as Error);
    for (const madeAtUtc of [FIRST.madeAtUtc, '2026-10-31T23:59:59Z']) expect(() => requireSuccessor(FIRST, next({ madeAtUtc }))).toThrow(expect.objectContaining({ code: 'BID_TENDER_OLDER' }) as Error);
  });

  it('ok: nothing has to be typed for the same certificate; refuses to go by the name alone, or by a certificate that is not trusted any more', () => {
    expect([sameSigner(FIRST, next()), confirmationOf(FIRST, next()), confirmationOf(FIRST, next({ signerTrust: 'not-checked' }))]).toEqual([true, null, null]);
    expect(confirmationOf(FIRST, next({ signerTrust: 'untrusted' }))).toBe('City');
    expect(confirmationOf(FIRST, next({ signer: certificate('City', 'other') }))).toBe('City');
  });
});
