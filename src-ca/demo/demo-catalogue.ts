/** Projects and prices of the demo. Ids are fixed, so that a guide can name them. */
import type { CatalogueItemRow, ProjectRow } from '../orders/order-port.ts';

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

const project = (id: string, name: string, keyAlgorithm: ProjectRow['keyAlgorithm'], position: number): ProjectRow => ({ id, name, keyAlgorithm, demo: 1, position });

function itemsOf(projectId: string, prefix: string): CatalogueItemRow[] {
  const item = (id: string, serviceName: string, certificateType: 'person' | 'organisation', years: number, unitPriceFen: number, position: number): CatalogueItemRow => ({
    id: `${prefix}${id}`, projectId, serviceName, certificateType, kind: 'new-issue', years, unitPriceFen, position,
  });
  return [
    item('organisation-1-year', '机构证书新领 1年（演示）', 'organisation', 1, 20_000, 1),
    item('organisation-2-years', '机构证书新领 2年（演示）', 'organisation', 2, 36_000, 2),
    item('organisation-3-years', '机构证书新领 3年（演示）', 'organisation', 3, 50_000, 3),
    item('person-1-year', '个人证书新领 1年（演示）', 'person', 1, 10_000, 4),
  ];
}

export const DEMO_CATALOGUE: readonly DemoProject[] = [
  { project: project(DEMO_PROJECT_ID, '浙江省土地使用权网上交易系统（演示）', 'rsa-2048', 1), items: itemsOf(DEMO_PROJECT_ID, 'demo-'), orderedItemId: DEMO_ITEM_ID },
  { project: project(DEMO_SM2_PROJECT_ID, '浙江省土地使用权网上交易系统（国密演示）', 'sm2', 2), items: itemsOf(DEMO_SM2_PROJECT_ID, 'demo-sm2-'), orderedItemId: DEMO_SM2_ITEM_ID },
];
