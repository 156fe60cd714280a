/** Projects, prices and rules of the demo. Ids are fixed, so that a guide can name them. */
import type { ChangeKind, RequestKind } from '#shared/contract/rest/orders.ts';
import type { CatalogueItemRow, ProjectRow, ProjectRules } from '../orders/order-port.ts';

export const DEMO_PROJECT_ID = 'demo-zhejiang-land-rsa';
export const DEMO_ITEM_ID = 'demo-organisation-1-year';
export const DEMO_SM2_PROJECT_ID = 'demo-zhejiang-land-sm2';
export const DEMO_SM2_ITEM_ID = 'demo-sm2-organisation-1-year';

export interface DemoProject {
  readonly project: ProjectRow;
  readonly items: readonly CatalogueItemRow[];
  /** What the demo account has ordered and paid. */
  readonly orderedItemId: string;
}

const material = (id: string, nameZh: string, nameEn: string, required = true) => ({ id, nameZh, nameEn, required });
const FORM = material('application-form', '变更申请单（盖章）', 'Stamped application form');
const LICENCE = material('business-licence', '营业执照（盖章）', 'Stamped business licence');
const HANDLER_ID = material('handler-identity', '经办人身份证（盖章）', 'Stamped identity card of the handler');
const RISK = material('risk-letter', '风险告知函（盖章）', 'Stamped risk letter');
const REGISTRY = material('registry-proof', '工商变更证明', 'Proof of the change from the company registry');

/** 变更: what may change, and what has to be handed in for it. */
const CHANGE_KINDS: readonly ChangeKind[] = [
  {
    id: 'company-name-or-code', nameZh: '企业名称或统一社会信用代码变更', nameEn: 'Change of company name or unified social credit code',
    fields: ['commonName', 'organisationName', 'unifiedSocialCreditCode', 'handlerName', 'province', 'locality'],
    materials: [FORM, LICENCE, HANDLER_ID, RISK, REGISTRY], durationDays: 2,
    hintZh: '变更后证书会更换。变更前加密、尚未开标的投标文件，请先在台账中确认仍可解密。', hintEn: 'The certificates are replaced. Look at the ledger first for bids that are sealed and not opened yet.',
  },
  {
    id: 'handler-or-place', nameZh: '经办人或所在地变更', nameEn: 'Change of handler or place',
    fields: ['handlerName', 'province', 'locality'], materials: [FORM, HANDLER_ID], durationDays: 1,
    hintZh: '企业名称和统一社会信用代码不变。', hintEn: 'Company name and code stay as they are.',
  },
];

/** The RSA project renews at any time; the SM2 project from 30 days before the end, and lets the holder choose whether the keys stay. */
const RULES: Readonly<Record<string, ProjectRules>> = {
  [DEMO_PROJECT_ID]: { renewalRule: { kind: 'any-time' }, renewalKeyPolicy: 'new-keys', changeKinds: CHANGE_KINDS, bindingRule: { certificateToSeveralAccounts: false, accountToSeveralCertificates: true }, trustedCaIds: [] },
  [DEMO_SM2_PROJECT_ID]: { renewalRule: { kind: 'window', daysBefore: 30, afterExpiry: true }, renewalKeyPolicy: 'holder-chooses', changeKinds: CHANGE_KINDS, bindingRule: { certificateToSeveralAccounts: true, accountToSeveralCertificates: true }, trustedCaIds: [] },
};

const project = (id: string, name: string, keyAlgorithm: ProjectRow['keyAlgorithm'], position: number): ProjectRow => ({ id, name, keyAlgorithm, demo: 1, position, rulesJson: JSON.stringify(RULES[id] ?? {}) });

type ItemFacts = readonly [id: string, serviceName: string, certificateType: 'person' | 'organisation', kind: RequestKind, years: number, unitPriceFen: number];

const ITEMS: readonly ItemFacts[] = [
  ['organisation-1-year', '机构证书新领 1年（演示）', 'organisation', 'new-issue', 1, 20_000],
  ['organisation-2-years', '机构证书新领 2年（演示）', 'organisation', 'new-issue', 2, 36_000],
  ['organisation-3-years', '机构证书新领 3年（演示）', 'organisation', 'new-issue', 3, 50_000],
  ['person-1-year', '个人证书新领 1年（演示）', 'person', 'new-issue', 1, 10_000],
  ['renewal-organisation-1-year', '机构证书延期 1年（演示）', 'organisation', 'renewal', 1, 15_000],
  ['renewal-organisation-2-years', '机构证书延期 2年（演示）', 'organisation', 'renewal', 2, 28_000],
  ['renewal-organisation-3-years', '机构证书延期 3年（演示）', 'organisation', 'renewal', 3, 40_000],
  ['renewal-person-1-year', '个人证书延期 1年（演示）', 'person', 'renewal', 1, 8_000],
  ['change-organisation', '机构证书变更（演示）', 'organisation', 'change', 0, 5_000],
  ['change-person', '个人证书变更（演示）', 'person', 'change', 0, 3_000],
  ['unlock-organisation', 'UKey解锁（演示）', 'organisation', 'unlock', 0, 0],
  ['unlock-person', 'UKey解锁（演示）', 'person', 'unlock', 0, 0],
  ['reissue-organisation', '机构证书补办（演示）', 'organisation', 'reissue', 0, 10_000],
  ['reissue-person', '个人证书补办（演示）', 'person', 'reissue', 0, 6_000],
];

function itemsOf(projectId: string, prefix: string): CatalogueItemRow[] {
  return ITEMS.map(([id, serviceName, certificateType, kind, years, unitPriceFen], index) => ({ id: `${prefix}${id}`, projectId, serviceName, certificateType, kind, years, unitPriceFen, position: index + 1 }));
}

export const DEMO_CATALOGUE: readonly DemoProject[] = [
  { project: project(DEMO_PROJECT_ID, '浙江省土地使用权网上交易系统（演示）', 'rsa-2048', 1), items: itemsOf(DEMO_PROJECT_ID, 'demo-'), orderedItemId: DEMO_ITEM_ID },
  { project: project(DEMO_SM2_PROJECT_ID, '浙江省土地使用权网上交易系统（国密演示）', 'sm2', 2), items: itemsOf(DEMO_SM2_PROJECT_ID, 'demo-sm2-'), orderedItemId: DEMO_SM2_ITEM_ID },
];
