/** About the service itself: what it is, whether it lives, its audit trail, and the sandbox's inbox and payments. */
import { Fen, Id, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';
import { pageQuery } from './orders.ts';

export const ServiceInfo = strictObject(
  {
    name: Type.String(),
    version: Type.String(),
    timeUtc: UtcTime('clock of the service'),
    sandbox: Nullable(strictObject({
      url: Type.String({ description: 'page where a person sees and drives the sandbox providers' }),
      demoLogin: Nullable(strictObject({ loginName: Type.String(), password: Type.String() })),
    })),
  },
  { $id: 'ServiceInfo' },
);
export type ServiceInfo = Static<typeof ServiceInfo>;

export const SandboxMessage = strictObject(
  { id: Id('message'), channel: Type.Union([Type.Literal('sms'), Type.Literal('mail')]), to: Type.String(), subject: Nullable(Type.String()), text: Type.String(), sentAtUtc: UtcTime('when sent') },
  { $id: 'SandboxMessage' },
);
export type SandboxMessage = Static<typeof SandboxMessage>;

export const SandboxPayment = strictObject(
  { id: Id('payment'), orderNumber: Type.String(), amountFen: Fen('to pay'), refundedFen: Fen('given back'), state: Type.Union([Type.Literal('open'), Type.Literal('paid'), Type.Literal('refused'), Type.Literal('returned')]), createdAtUtc: UtcTime('when started') },
  { $id: 'SandboxPayment' },
);
export type SandboxPayment = Static<typeof SandboxPayment>;

export const AuditEntry = strictObject(
  {
    sequence: Type.Integer({ minimum: 1 }),
    atUtc: UtcTime('when'),
    actor: Type.String({ description: 'account id, or `system`' }),
    event: Type.String({ description: 'row of the event table' }),
    target: Nullable(Type.String()),
    details: Type.Record(Type.String(), Type.Unknown()),
    hashHex: Type.String({ description: 'SHA-256 over the entry before and this one' }),
  },
  { $id: 'AuditEntry' },
);
export type AuditEntry = Static<typeof AuditEntry>;

export const serviceEndpoints = {
  getServiceInfo: endpoint({ method: 'GET', path: '/v1/service', summary: 'What this service is', tag: 'Service', access: 'public', status: 200, response: ServiceInfo, errors: [] }),
  listAudit: endpoint({ method: 'GET', path: '/v1/audit', summary: 'Audit log, oldest first', tag: 'Service', access: 'staff', status: 200, query: strictObject({ ...pageQuery }), response: strictObject({ items: Type.Array(AuditEntry), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'] }),
  verifyAudit: endpoint({ method: 'POST', path: '/v1/audit/verification', summary: 'Recompute the hash chain', tag: 'Service', access: 'staff', status: 200, response: strictObject({ valid: Type.Boolean(), entries: Type.Integer(), firstBrokenSequence: Nullable(Type.Integer()) }), errors: [] }),
  listSandboxMessages: endpoint({ method: 'GET', path: '/v1/sandbox/messages', summary: 'Sandbox only: SMS and mail that would have been sent', tag: 'Sandbox', access: 'sandbox', status: 200, query: strictObject({ ...pageQuery, to: Type.Optional(Type.String({ maxLength: 64 })) }), response: strictObject({ items: Type.Array(SandboxMessage), next: Nullable(Type.String()) }), errors: ['CURSOR_INVALID'] }),
  listSandboxPayments: endpoint({ method: 'GET', path: '/v1/sandbox/payments', summary: 'Sandbox only: payments that wait for a decision', tag: 'Sandbox', access: 'sandbox', status: 200, response: strictObject({ items: Type.Array(SandboxPayment) }), errors: [] }),
  decideSandboxPayment: endpoint({ method: 'POST', path: '/v1/sandbox/payments/:paymentId/decision', summary: 'Sandbox only: the customer pays or gives up', tag: 'Sandbox', access: 'sandbox', status: 200, params: strictObject({ paymentId: Id('payment') }), body: strictObject({ decision: Type.Union([Type.Literal('pay'), Type.Literal('refuse')]) }), response: SandboxPayment, errors: ['NOT_FOUND', 'PAYMENT_STATE'] }),
} as const;
