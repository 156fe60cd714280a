/** Orders, lines and the catalogue as the contract shows them. */
import type { CatalogueItem, Order, OrderLine, Project } from '#shared/contract/rest/orders.ts';
import { assert } from '#shared/errors/assert.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import { itemOf, rulesOf, subjectOf, type CatalogueItemRow, type OrderLineWithRequest, type OrderRow, type ProjectRow } from './order-port.ts';

export function itemView(row: Omit<CatalogueItemRow, 'projectId' | 'position'>): CatalogueItem {
  const { id, serviceName, certificateType, kind, years, unitPriceFen } = row;
  return { id, serviceName, certificateType, kind, years, unitPriceFen };
}

export function projectView(project: ProjectRow, items: readonly CatalogueItemRow[]): Project {
  const { id, name, keyAlgorithm, demo } = project;
  const { changeKinds, trustedCaIds, ...rules } = rulesOf(project);
  return { id, name, keyAlgorithm, demo: demo === 1, items: items.filter((item) => item.projectId === id).map(itemView), ...rules, changeKinds: [...changeKinds], trustedCaIds: [...trustedCaIds] };
}

function lineView(row: OrderLineWithRequest): OrderLine {
  const { id, quantity, writtenQuantity, openQuantity } = row;
  return { id, item: itemView(itemOf(row)), quantity, writtenQuantity, openQuantity, subject: subjectOf(row) };
}

export function orderView(order: OrderRow, lines: readonly OrderLineWithRequest[], projects: readonly ProjectRow[]): Order {
  const project = projects.find(({ id }) => id === order.projectId);
  assert(project, 'every order belongs to a project');
  const { id, number, state, projectId, totalFen } = order;
  return {
    id, number, state, projectId, projectName: project.name, totalFen,
    lines: lines.filter((line) => line.orderId === id).map(lineView),
    createdAtUtc: utcText(order.createdAtMs),
    paidAtUtc: utcTextOrNull(order.paidAtMs),
  };
}
