/** What a bid takes over from its tender package, and each thing that it may not say otherwise. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../bytes/utf8.ts';
import { holdToTender, type BidWish, type TenderTerms } from './hold-to-tender.ts';
import type { TenderPart } from './tender-description.ts';

const part = (id: string, title: string, required = true): TenderPart => ({ id, title, required, mediaTypes: [], maxBytes: null, maxFiles: null, form: null });
const [mine, theirs, hall] = [toUtf8('mine'), toUtf8('theirs'), toUtf8('hall')];
const TENDER: TenderTerms = { suite: 'aes', tenderId: 'T-1', opensAtUtc: '2026-09-01T01:00:00Z', lots: [], parts: [], groups: [{ name: 'tenderer', certificates: [theirs] }, { name: '开标厅', certificates: [hall] }] };
const WISH: BidWish = { groups: [{ name: 'bidder', certificates: [mine] }], documentNames: ['a.pdf'] };
const hold = (wish: Partial<BidWish> = {}, tender: Partial<TenderTerms> = {}) => () => holdToTender({ ...TENDER, ...tender }, { ...WISH, ...wish });
const otherwise = (what: string) => expect.objectContaining({ code: 'SEAL_TENDER_OTHERWISE', details: expect.objectContaining({ what }) as unknown }) as Error;

describe('a bid and its tender package', () => {
  it('ok: suite, number, time and groups are those of the package; said again, they are no contradiction', () => {
    const terms = { suite: 'aes', tenderId: 'T-1', lot: '', opensAt: new Date('2026-09-01T01:00:00Z'), groups: [...WISH.groups, ...TENDER.groups] };
    expect(hold()()).toEqual(terms);
    expect(hold({ suite: 'aes', tenderId: 'T-1', opensAt: new Date('2026-09-01T09:00:00+08:00'), lot: '' })()).toEqual(terms);
    expect(hold({}, { opensAtUtc: null, groups: [] })()).toMatchObject({ opensAt: null, groups: WISH.groups });
  });

  it('refuses: another suite, number or time, and a time where the package has none', () => {
    expect(hold({ suite: 'sm' })).toThrow(otherwise('suite'));
    for (const tenderId of ['T-2', '']) expect(hold({ tenderId })).toThrow(otherwise('tenderId'));
    const opensAt = new Date('2026-08-01T01:00:00Z');
    expect(hold({ opensAt })).toThrow(otherwise('opensAt'));
    expect(hold({ opensAt }, { opensAtUtc: null })).toThrow(otherwise('opensAt'));
  });

  it('refuses: no group of the bidder, two, one of another name, one that the package has', () => {
    const group = (name: string) => ({ name, certificates: [mine] });
    for (const groups of [[], [group('bidder'), group('third')], [group('third')], [group('tenderer')], [group('bidder'), group('tenderer')], [group('Bidder')], [{ name: 'bidder', certificates: [] }]]) expect(hold({ groups })).toThrow(otherwise('groups'));
  });

  it('refuses: a certificate of the package in the bidder’s group; ok: the same one twice in the bidder’s is one', () => {
    expect(hold({ groups: [{ name: 'bidder', certificates: [mine, hall] }] })).toThrow(expect.objectContaining({ code: 'SEAL_OPENER_DUPLICATE' }));
    expect(hold({ groups: [{ name: 'bidder', certificates: [mine, Uint8Array.from(mine)] }] })().groups[0]).toEqual({ name: 'bidder', certificates: [mine] });
  });

  it('ok: the only lot need not be named; refuses: none of several, one that is not tendered, one where there are none', () => {
    const lots = ['一', '二'].map((id) => ({ id, title: '' }));
    expect(hold({}, { lots: lots.slice(0, 1) })().lot).toBe('一');
    expect(hold({ lot: '二' }, { lots })().lot).toBe('二');
    expect(hold({}, { lots })).toThrow(expect.objectContaining({ details: expect.objectContaining({ what: 'lot', lots: ['一', '二'] }) as unknown }));
    expect(hold({ lot: '三' }, { lots })).toThrow(otherwise('lot'));
    expect(hold({ lot: '一' })).toThrow(otherwise('lot'));
  });

  it('refuses: required parts for which nothing stands in the folder, all by name; ok: files and folders of that name, numbered or longer; with an express word without them', () => {
    const parts = [part('letter', '投标函'), part('price', '报价/清单'), part('x', '其他', false), part('signs', '***')];
    const missing = (documentNames: string[]) => expect(hold({ documentNames }, { parts }));
    missing(['a.pdf']).toThrow(expect.objectContaining({ code: 'SEAL_PARTS_MISSING', details: { parts: ['投标函', '报价/清单'] } }));
    missing(['01-投标函/a.pdf', '其他/投标.pdf']).toThrow(expect.objectContaining({ details: { parts: ['报价/清单'] } }));
    for (const names of [['01-投标函/a.pdf', '02-报价_清单/b.pdf'], ['投标函（签字版）.PDF', 'x/报价清单.xlsx'], ['ＡＢ 投标函.pdf', '第二册 报价 清单.ofd']]) missing(names).not.toThrow();
    expect(hold({ documentNames: ['a.pdf'], incomplete: true }, { parts })().tenderId).toBe('T-1');
    const long = part('long', '长'.repeat(200));
    expect(hold({ documentNames: [`01-${'长'.repeat(60)}/a.pdf`] }, { parts: [long] })).not.toThrow();
  });
});
