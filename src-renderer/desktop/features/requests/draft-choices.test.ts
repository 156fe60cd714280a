import { describe, expect, it } from 'vitest';
import type { Project } from '#shared/contract/rest/orders.ts';
import { chosenItem, draftOf, EMPTY_CHOICES, missingChoices } from './draft-choices.ts';

const project: Project = {
  id: 'project-1', name: '测试平台', keyAlgorithm: 'sm2', demo: false, renewalRule: { kind: 'any-time' }, renewalKeyPolicy: 'holder-chooses', bindingRule: { certificateToSeveralAccounts: false, accountToSeveralCertificates: true }, trustedCaIds: [],
  items: [
    { id: 'renew-1-year', serviceName: '延期一年', certificateType: 'organisation', kind: 'renewal', years: 1, unitPriceFen: 10_000 },
    { id: 'renew-2-year', serviceName: '延期两年', certificateType: 'organisation', kind: 'renewal', years: 2, unitPriceFen: 18_000 },
    { id: 'unlock-item', serviceName: '解锁', certificateType: 'organisation', kind: 'unlock', years: 0, unitPriceFen: 2_000 },
  ],
  changeKinds: [{ id: 'company-name', nameZh: '单位名称', nameEn: 'Company name', fields: ['organisationName'], materials: [], durationDays: 2, hintZh: '', hintEn: '' }],
};
const offer = (kind: string, of: Project = project) => ({ project: of, items: of.items.filter((item) => item.kind === kind) });
const onKey = { about: 'aa01', tokenSerial: 'KEY1', tokenModelId: 'bidkey-soft' };

describe('choices of a request', () => {
  it('ok: a renewal needs years and, where the holder chooses, what becomes of the keys', () => {
    expect(missingChoices('renewal', EMPTY_CHOICES, offer('renewal'))).toEqual(['item', 'keyPolicy']);
    const choices = { ...EMPTY_CHOICES, itemId: 'renew-2-year', keyPolicy: 'new-keys' as const };
    expect(missingChoices('renewal', choices, offer('renewal'))).toEqual([]);
    expect(draftOf('renewal', onKey, choices, offer('renewal'))).toEqual({ kind: 'renewal', certificateSerialHex: 'aa01', tokenSerial: 'KEY1', tokenModelId: 'bidkey-soft', itemId: 'renew-2-year', keyPolicy: 'new-keys' });
  });

  it('ok: where the project decides about keys, the request does not say', () => {
    const decided: Project = { ...project, renewalKeyPolicy: 'new-keys' };
    expect(draftOf('renewal', onKey, { ...EMPTY_CHOICES, itemId: 'renew-1-year', keyPolicy: 'same-keys' }, offer('renewal', decided))).not.toHaveProperty('keyPolicy');
  });

  it('ok: an unlock is about the key, and a single row of the price list is chosen by itself', () => {
    expect(chosenItem(EMPTY_CHOICES, offer('unlock'))?.id).toBe('unlock-item');
    expect(draftOf('unlock', { about: 'KEY1', tokenSerial: 'KEY1', tokenModelId: null }, EMPTY_CHOICES, offer('unlock'))).toEqual({ kind: 'unlock', tokenSerial: 'KEY1', itemId: 'unlock-item' });
  });

  it('ok: a reissue does not name the old key as the one to be written', () => {
    expect(missingChoices('reissue', EMPTY_CHOICES, offer('reissue'))).toEqual(['reason', 'oldKey']);
    expect(draftOf('reissue', onKey, { ...EMPTY_CHOICES, revocationReason: 'keyCompromise', oldKeyHandling: 'revoke-at-once' }, offer('reissue'))).toEqual({ kind: 'reissue', certificateSerialHex: 'aa01', revocationReason: 'keyCompromise', oldKeyHandling: 'revoke-at-once' });
  });

  it('refuses: a change without its kind, a kind that the project does not have, a revocation without reason', () => {
    expect(missingChoices('change', { ...EMPTY_CHOICES, keyPolicy: 'new-keys' }, offer('change'))).toEqual(['changeKind']);
    expect(missingChoices('change', { ...EMPTY_CHOICES, keyPolicy: 'new-keys', changeKindId: 'other' }, offer('change'))).toEqual(['changeKind']);
    expect(missingChoices('revocation', EMPTY_CHOICES, offer('revocation'))).toEqual(['reason']);
  });
});
