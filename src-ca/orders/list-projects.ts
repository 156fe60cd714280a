/** The catalogue: trading platforms with their price lists. */
import type { Project } from '#shared/contract/rest/orders.ts';
import type { Transactions } from '../transactions.ts';
import type { CatalogueRecords } from './order-port.ts';
import { projectView } from './order-view.ts';

export async function listProjects(ports: { readonly transactions: Transactions<{ catalogue: CatalogueRecords }> }): Promise<{ items: Project[] }> {
  return await ports.transactions.read(async ({ catalogue }) => {
    const items = await catalogue.items();
    return { items: (await catalogue.projects()).map((project) => projectView(project, items)) };
  });
}
