/** Projects and prices of the demo. Ids are fixed, so that a guide can name them. */
import type { CatalogueItemRow, ProjectRow } from '../orders/order-port.ts';

export const DEMO_PROJECT_ID = 'demo-zhejiang-land-rsa';

const project: ProjectRow = { id: DEMO_PROJECT_ID, name: '浙江省土地使用权网上交易系统（演示）', keyAlgorithm: 'rsa-2048', demo: 1, position: 1 };

const item = (id: string, serviceName: string, certificateType: 'person' | 'organisation', years: number, unitPriceFen: number, position: number): CatalogueItemRow => ({
  id, projectId: DEMO_PROJECT_ID, serviceName, certificateType, kind: 'new-issue', years, unitPriceFen, position,
});

export const DEMO_ITEM_ID = 'demo-organisation-1-year';

export const DEMO_CATALOGUE: readonly { readonly project: ProjectRow; readonly items: readonly CatalogueItemRow[] }[] = [
  {
    project,
    items: [
      item(DEMO_ITEM_ID, '机构证书新领 1年（演示）', 'organisation', 1, 20_000, 1),
      item('demo-organisation-2-years', '机构证书新领 2年（演示）', 'organisation', 2, 36_000, 2),
      item('demo-organisation-3-years', '机构证书新领 3年（演示）', 'organisation', 3, 50_000, 3),
      item('demo-person-1-year', '个人证书新领 1年（演示）', 'person', 1, 10_000, 4),
    ],
  },
];
