/**
 * The way of a request to its code, as applicant, staff and payment provider go it, for tests of what comes after: over the service's own REST, with two members of staff.
 * `relaxRules` stands for what a project's administrator would set: renewal at any time, and the holder chooses whether the keys stay.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { KeyAlgorithm, RequestKind } from '#shared/contract/rest/orders.ts';
import type { Request, RequestDraft } from '#shared/contract/rest/requests.ts';
import { createCaClient } from '../../src-main/ca-client/ca-client.ts';
import { createLog } from '../../src-main/report/log.ts';
import { createCaSession, type CaSession } from '../../src-main/session/ca-session.ts';

export interface ReadyRequest {
  readonly request: Request;
  readonly code: string;
}

/** Signs the risk notice with the key that the request is about. */
export type AcceptRiskNotice = (request: Request) => Promise<unknown>;

export interface Life {
  readonly staff: readonly CaSession[];
  /** A draft, complete as its kind wants it. */
  draft(draft: RequestDraft): Promise<Request>;
  submit(request: Request): Promise<Request>;
  claim(request: Request): Promise<Request>;
  approve(request: Request): Promise<Request>;
  approveRecovery(request: Request): Promise<void>;
  pay(request: Request): Promise<void>;
  now(request: Pick<Request, 'id'>): Promise<Request>;
  /** The newest code that was sent for it. */
  codeOf(request: Request): Promise<string>;
  /** All of it: from the draft to the code. */
  ready(draft: RequestDraft, accept: AcceptRiskNotice | null): Promise<ReadyRequest>;
}

/** A one-pixel PNG: material of the form that is asked for. */
const SCAN = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** @param address by which the service may be called */
export async function createLife(address: string, customer: CaSession): Promise<Life> {
  const client = createCaClient({ baseUrl: address, monotonicMs: () => performance.now() });
  const { sandbox } = await client.anonymous.getServiceInfo({});
  const password = sandbox?.demoLogin?.password;
  if (password === undefined) throw new Error('the CA of the test must be a demo');
  const staff = await Promise.all(['demo-staff', 'demo-staff-2'].map(async (loginName) => {
    const session = createCaSession({ client: () => client, log: createLog({ now: () => new Date(), file: null }), onAccountChanged: () => undefined });
    await session.logIn(loginName, password);
    return session;
  }));
  const [first] = staff as [CaSession, CaSession];
  const { ca } = customer;
  const params = (request: Pick<Request, 'id'>) => ({ params: { requestId: request.id } });

  async function withMaterials(request: Request): Promise<Request> {
    const { items: projects } = await client.anonymous.listProjects({});
    const changeKind = projects.find(({ id }) => id === request.projectId)?.changeKinds.find(({ id }) => id === request.changeKindId);
    let now = request;
    for (const { id } of changeKind?.materials.filter(({ required }) => required) ?? []) {
      now = await ca.addMaterial({ ...params(request), idempotencyKey: crypto.randomUUID(), body: { materialKindId: id, fileName: `${id}.png`, mediaType: 'image/png', content: SCAN } });
    }
    return now;
  }

  const life: Life = {
    staff,
    draft: async (draft) => withMaterials(await ca.createRequest({ idempotencyKey: crypto.randomUUID(), body: draft })),
    submit: (request) => ca.submitRequest(params(request)),
    claim: (request) => first.ca.claimRequest(params(request)),
    approve: (request) => first.ca.approveRequest(params(request)),
    async approveRecovery(request) {
      for (const one of staff) await one.ca.approveRecovery(params(request));
    },
    async pay(request) {
      if (request.orderId === null) throw new Error(`nothing is to be paid for ${request.kind}`);
      const { paymentId } = await ca.startPayment({ params: { orderId: request.orderId }, idempotencyKey: crypto.randomUUID() });
      await client.anonymous.decideSandboxPayment({ params: { paymentId }, body: { decision: 'pay' } });
    },
    now: (request) => ca.getRequest(params(request)),
    async codeOf(request) {
      const { items } = await client.anonymous.listSandboxMessages({ query: { limit: 100 } });
      const code = items.map(({ text }) => (text.includes(request.number) ? /操作授权码：(\d{6})/.exec(text)?.[1] : undefined)).find((one) => one !== undefined);
      if (code === undefined) throw new Error(`no code came for ${request.number}`);
      return code;
    },
    async ready(wanted, accept) {
      const drafted = await life.draft(wanted);
      if (accept) await accept(drafted);
      await life.submit(drafted);
      await life.claim(drafted);
      let request = await life.approve(drafted);
      if (NEEDS_RECOVERY_APPROVALS.includes(request.kind)) await life.approveRecovery(request);
      request = await life.now(request);
      if (request.state === 'awaiting-payment') await life.pay(request);
      request = await life.now(request);
      return { request, code: await life.codeOf(request) };
    },
  };
  return life;
}

const NEEDS_RECOVERY_APPROVALS: readonly RequestKind[] = ['reissue', 'key-recovery'];

/** @param caDataFolder of the service that runs */
export function relaxRules(caDataFolder: string): void {
  const database = new Database(join(caDataFolder, 'ca.sqlite'));
  try {
    database.pragma('busy_timeout = 5000');
    const rows = database.prepare('SELECT id, rules_json FROM projects').all() as { id: string; rules_json: string }[];
    for (const { id, rules_json: rules } of rows) {
      const relaxed = { ...(JSON.parse(rules) as Record<string, unknown>), renewalRule: { kind: 'any-time' }, renewalKeyPolicy: 'holder-chooses' };
      database.prepare('UPDATE projects SET rules_json = ? WHERE id = ?').run(JSON.stringify(relaxed), id);
    }
  } finally {
    database.close();
  }
}

/** The cheapest item of that kind for the account. */
export async function itemOf(customer: CaSession, kind: RequestKind, algorithm: KeyAlgorithm): Promise<string> {
  const { items: projects } = await customer.ca.listProjects({});
  const item = projects.find(({ keyAlgorithm }) => keyAlgorithm === algorithm)?.items.find((one) => one.kind === kind && one.certificateType === 'organisation');
  if (!item) throw new Error(`the demo sells no ${kind} of ${algorithm}`);
  return item.id;
}
