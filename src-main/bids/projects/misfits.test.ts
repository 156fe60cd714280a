import { describe, expect, it } from 'vitest';
import type { BidPart } from '#shared/contract/desktop/bids.ts';
import { findMisfits } from './misfits.ts';
import type { DocumentRecord } from './project-record.ts';

const part: BidPart = { id: 'p', title: 'P', kind: 'documents', required: true, mediaTypes: ['application/pdf'], maxBytes: 100, maxDocuments: 2, mustBeSigned: true, fields: [] };
const document = (name: string, changes: Partial<DocumentRecord> = {}): DocumentRecord => ({
  id: `id-${name}`, partId: 'p', name, file: name, mediaType: 'application/pdf', sizeBytes: 100, pages: 1, sha256Hex: '00', addedAtUtc: '2026-11-01T00:00:00Z', generated: false, signature: null, ...changes,
});
const reasons = (documents: DocumentRecord[], changes: Partial<BidPart> = {}) => findMisfits({ parts: [{ ...part, ...changes }], documents }).map((one) => `${one.document.name} ${one.reason}`);

describe('documents that their part does not take', () => {
  it('ok: nothing where everything fits, or where the part asks for nothing', () => {
    expect(reasons([document('a'), document('b')])).toEqual([]);
    expect(reasons([document('a', { mediaType: 'text/plain', sizeBytes: 1e9 }), document('b'), document('c')], { mediaTypes: [], maxBytes: null, maxDocuments: null })).toEqual([]);
  });

  it('refuses: another kind of file, a larger one, one too many', () => {
    expect(reasons([document('a', { mediaType: 'text/plain' }), document('b', { sizeBytes: 101 }), document('c')])).toEqual(['a type', 'b size', 'c count']);
  });

  it('ok: pages that the program makes from a form are what the form needs', () => {
    expect(reasons([document('a', { generated: true, mediaType: 'application/json' })], { maxDocuments: 1 })).toEqual([]);
  });
});
