/** What the people behind the counter do, over the service's own API: staff approve a request, the payment provider's page is paid, codes arrive by SMS. */

export interface CaDesk {
  /** Claims and approves. @param requestNumber as the applicant sees it */
  approve(requestNumber: string): Promise<void>;
  reject(requestNumber: string, reason: string): Promise<void>;
  /** The second and the first staff member agree to bringing escrowed keys back. */
  approveRecovery(requestNumber: string): Promise<void>;
  /** Pays every open payment. */
  payAll(): Promise<void>;
  /** Six digits of the newest SMS that names the request. */
  code(requestNumber: string): Promise<string>;
}

const STAFF = ['demo-staff', 'demo-staff-2'] as const;

export async function openCaDesk(caUrl: string, password: string): Promise<CaDesk> {
  const tokens = await Promise.all(STAFF.map(async (loginName) => ((await ask(caUrl, 'POST', '/v1/sessions', { loginName, password })) as { accessToken: string }).accessToken));
  const [first, second] = tokens;
  const asStaff = (method: string, path: string, body?: unknown, token = first) => ask(caUrl, method, path, body, token);

  /** Staff find a request in the queue of its state. */
  async function find(requestNumber: string, states: readonly string[]): Promise<string> {
    for (const state of states) {
      const { items } = (await asStaff('GET', `/v1/review/requests?state=${state}&limit=100`)) as { items: { request: { id: string; number: string } }[] };
      const found = items.find(({ request }) => request.number === requestNumber);
      if (found) return found.request.id;
    }
    throw new Error(`request ${requestNumber} is in none of ${states.join(', ')}`);
  }

  async function claim(requestNumber: string): Promise<string> {
    const id = await find(requestNumber, ['submitted']);
    await asStaff('POST', `/v1/requests/${id}/claim`);
    return id;
  }

  return {
    approve: async (requestNumber) => void (await asStaff('POST', `/v1/requests/${await claim(requestNumber)}/approval`)),
    reject: async (requestNumber, reason) => void (await asStaff('POST', `/v1/requests/${await claim(requestNumber)}/rejection`, { reason })),
    async approveRecovery(requestNumber) {
      const id = await find(requestNumber, ['in-review', 'approved', 'awaiting-payment', 'code-sent']);
      for (const token of [first, second]) await asStaff('POST', `/v1/requests/${id}/recovery-approvals`, undefined, token);
    },
    async payAll() {
      const { items } = (await ask(caUrl, 'GET', '/v1/sandbox/payments')) as { items: { id: string; state: string }[] };
      for (const { id } of items.filter(({ state }) => state === 'open')) await ask(caUrl, 'POST', `/v1/sandbox/payments/${id}/decision`, { decision: 'pay' });
    },
    async code(requestNumber) {
      const { items } = (await ask(caUrl, 'GET', '/v1/sandbox/messages?limit=50')) as { items: { text: string }[] };
      const code = items.map(({ text }) => (text.includes(requestNumber) ? /码：(\d{6})/.exec(text)?.[1] : undefined)).find((found) => found !== undefined);
      if (code === undefined) throw new Error(`no code for ${requestNumber} in the sandbox`);
      return code;
    },
  };
}

async function ask(caUrl: string, method: string, path: string, body?: unknown, token?: string): Promise<unknown> {
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${caUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
