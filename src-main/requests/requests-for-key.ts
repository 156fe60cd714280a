/**
 * 待处理证书: the certificates of a plugged key as the service knows them, with what can be asked for or carried out for each now. What is shown as
 * possible follows the rules of the projects; whether it is, the service decides when it is asked.
 */
import type { KeyAction, KeyCertificate, KeyRequests } from '#shared/contract/desktop/requests.ts';
import type { TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import type { Project, RequestKind } from '#shared/contract/rest/orders.ts';
import type { Request, RequestState } from '#shared/contract/rest/requests.ts';
import type { CaCaller } from '../ca-client/ca-client.ts';
import { daysLeft } from '../keys/days-left.ts';
import type { TokenPort } from '../token/token-port.ts';

export interface KeyRequestPorts {
  readonly ca: CaCaller;
  readonly tokens: TokenPort;
  readonly now: () => Date;
}

const PAGE = 100;
const DAY_MS = 86_400_000;
const ENDED: readonly RequestState[] = ['completed', 'withdrawn', 'expired', 'cancelled'];

/** @throws NOT_SIGNED_IN, TOKEN_NOT_PRESENT */
export async function requestsForKey(ports: KeyRequestPorts, ref: TokenRef): Promise<KeyRequests> {
  // What is remembered of the key may be from before its last writing.
  await ports.tokens.list();
  const summary = await ports.tokens.get(ref);
  const tokenSerial = summary.ref.serial;
  const [records, requests, projects] = await Promise.all([
    allPages((after) => ports.ca.searchCertificates({ query: { tokenSerial, limit: PAGE, ...after } })),
    allPages((after) => ports.ca.listRequests({ query: { tokenSerial, limit: PAGE, ...after } })),
    ports.ca.listProjects({}),
  ]);
  const open = requests.filter(({ state }) => !ENDED.includes(state));
  const facts: Facts = { summary, records, open, projects: projects.items, now: ports.now() };
  const certificates = records.filter(({ purpose, state }) => purpose === 'sign' && (state === 'active' || state === 'suspended')).map((record) => describe(record, facts));
  certificates.sort((one, other) => Date.parse(one.certificate.notAfterUtc) - Date.parse(other.certificate.notAfterUtc));
  return { tokenSerial, certificates, keyActions: [unlockAction(facts)], requests: open };
}

async function allPages<T>(page: (cursor: { readonly after?: string }) => Promise<{ readonly items: T[]; readonly next: string | null }>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: { readonly after?: string } = {}; ; ) {
    const { items: more, next } = await page(cursor);
    items.push(...more);
    if (next === null) return items;
    cursor = { after: next };
  }
}

interface Facts {
  readonly summary: TokenSummary;
  readonly records: readonly CertificateRecord[];
  readonly open: readonly Request[];
  readonly projects: readonly Project[];
  readonly now: Date;
}

function describe(record: CertificateRecord, facts: Facts): KeyCertificate {
  const project = facts.projects.find(({ name }) => name === record.projectName) ?? null;
  return {
    certificate: record,
    encryptionSerialHex: facts.records.find((one) => one.issuanceId === record.issuanceId && one.purpose === 'encrypt')?.serialHex ?? null,
    projectId: project?.id ?? null,
    onThisKey: facts.summary.certificates.some(({ sha256Hex }) => sha256Hex === record.sha256Hex),
    daysLeft: daysLeft(record.notAfterUtc, facts.now),
    actions: CERTIFICATE_ACTIONS.flatMap(({ kind, shownFor, rule }) => {
      if (!shownFor.includes(record.state)) return [];
      const items = project?.items.filter((item) => item.kind === kind) ?? [];
      return [underWay(kind, record, facts, items) ?? inTheWay(kind, record, facts, items) ?? { ...idle(kind, items), ...rule(record, project, items, facts.now) }];
    }),
  };
}

type Answer = Pick<KeyAction, 'state' | 'reason' | 'fromUtc'>;
const OPEN: Answer = { state: 'open', reason: null, fromUtc: null };
const blocked = (reason: string, fromUtc: string | null = null): Answer => ({ state: 'blocked', reason, fromUtc });

interface ActionRow {
  readonly kind: RequestKind;
  readonly shownFor: readonly CertificateRecord['state'][];
  readonly rule: (record: CertificateRecord, project: Project | null, items: readonly unknown[], now: Date) => Answer;
}

const CERTIFICATE_ACTIONS: readonly ActionRow[] = [
  { kind: 'renewal', shownFor: ['active'], rule: (record, project, items, now) => (items.length === 0 ? blocked('ORDER_ITEM_UNKNOWN') : renewalWindow(record, project, now)) },
  { kind: 'change', shownFor: ['active'], rule: (record, project, _items, now) => ((project?.changeKinds.length ?? 0) === 0 ? blocked('ORDER_ITEM_UNKNOWN') : hasEnded(record, now) ? blocked('REQUEST_CERTIFICATE_STATE') : OPEN) },
  { kind: 'suspension', shownFor: ['active'], rule: () => OPEN },
  { kind: 'release', shownFor: ['suspended'], rule: () => OPEN },
  { kind: 'revocation', shownFor: ['active', 'suspended'], rule: () => OPEN },
  { kind: 'reissue', shownFor: ['active', 'suspended'], rule: (_record, _project, items) => (items.length === 0 ? blocked('ORDER_ITEM_UNKNOWN') : OPEN) },
  { kind: 'key-recovery', shownFor: ['active'], rule: (record, _project, _items, now) => (hasEnded(record, now) ? blocked('REQUEST_CERTIFICATE_STATE') : OPEN) },
];

const hasEnded = (record: CertificateRecord, now: Date) => Date.parse(record.notAfterUtc) <= now.getTime();

function renewalWindow(record: CertificateRecord, project: Project | null, now: Date): Answer {
  const rule = project?.renewalRule;
  if (rule === undefined || rule.kind === 'any-time') return OPEN;
  const endMs = Date.parse(record.notAfterUtc);
  if (now.getTime() > endMs) return rule.afterExpiry ? OPEN : blocked('REQUEST_NOT_IN_WINDOW');
  const fromMs = endMs - rule.daysBefore * DAY_MS;
  return now.getTime() >= fromMs ? OPEN : blocked('REQUEST_NOT_IN_WINDOW', new Date(fromMs).toISOString());
}

/** A lock is the key's matter, not that of one certificate. */
function unlockAction(facts: Facts): KeyAction {
  const names = new Set(facts.records.map(({ projectName }) => projectName));
  const items = facts.projects.filter(({ name }) => names.has(name)).flatMap((project) => project.items.filter(({ kind }) => kind === 'unlock'));
  const request = facts.open.find(({ kind }) => kind === 'unlock');
  return request ? ofRequest(request, items) : { ...idle('unlock', items), ...OPEN };
}

const idle = (kind: RequestKind, items: KeyAction['items']) => ({ kind, items, requestId: null, orderId: null });

const STATES: Partial<Record<RequestState, KeyAction['state']>> = { 'awaiting-payment': 'to-pay', 'code-sent': 'ready', writing: 'writing' };

function ofRequest(request: Request, items: KeyAction['items']): KeyAction {
  const state = STATES[request.state] ?? 'begun';
  return { kind: request.kind, state, reason: null, fromUtc: null, requestId: request.id, orderId: state === 'to-pay' ? request.orderId : null, items };
}

/** A request of this kind about this certificate. */
function underWay(kind: RequestKind, record: CertificateRecord, facts: Facts, items: KeyAction['items']): KeyAction | null {
  const request = facts.open.find((one) => one.kind === kind && (one.certificateSerialHex === null || one.certificateSerialHex === record.serialHex));
  return request ? ofRequest(request, items) : null;
}

/** A certificate is replaced in one way at a time. */
const REPLACING: readonly RequestKind[] = ['renewal', 'change', 'reissue'];
const NOT_YET_UNDER_WAY: readonly RequestState[] = ['draft', 'rejected'];

/** A request of another kind that has to end first. */
function inTheWay(kind: RequestKind, record: CertificateRecord, facts: Facts, items: KeyAction['items']): KeyAction | null {
  if (!REPLACING.includes(kind)) return null;
  const request = facts.open.find((one) => REPLACING.includes(one.kind) && one.projectName === record.projectName && !NOT_YET_UNDER_WAY.includes(one.state));
  return request ? { kind, items, state: 'blocked', reason: 'REQUEST_OPEN_FOR_KEY', fromUtc: null, requestId: request.id, orderId: null } : null;
}
