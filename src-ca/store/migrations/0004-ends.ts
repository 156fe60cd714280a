/**
 * What ends: sessions are found by the certificate that opened them; materials know whether an approval rests on them; a request may be given back
 * more than once, of different payments, and money that came late has a state of its own.
 */
import { sql, type Kysely, type Migration } from 'kysely';

const STATEMENTS = [
  'alter table sessions add column certificate_sha256 text',
  'update sessions set certificate_sha256 = (select sha256_hex from certificates where serial_hex = certificate_serial_hex) where certificate_serial_hex is not null',
  'create index sessions_certificate on sessions (certificate_sha256) where certificate_sha256 is not null and ended_at_ms is null',
  'create index sessions_account on sessions (account_id) where ended_at_ms is null',
  `create index bindings_trusted_ca on bindings (trusted_ca_id) where state = 'bound'`,
  'alter table request_materials add column approved integer not null default 0',
  `update request_materials set approved = 1 where request_id in (select request_id from request_events where event = 'approve')`,
  // Bounded: what is approved leaves it, and what has ended is removed.
  'create index request_materials_not_approved on request_materials (request_id) where approved = 0',
  // Read in pages, so that a long list does not hold up the service; complete in the index.
  'drop index certificates_revoked',
  `create index certificates_on_lists on certificates (ca_id, not_after_ms, serial_hex, revoked_at_ms, revocation_reason) where state in ('revoked', 'suspended')`,
  // SQLite cannot change constraints, so the tables are made anew.
  `create table payments_new (
    id text not null primary key, order_id text not null references orders (id), state text not null, checkout_url text not null, amount_fen integer not null,
    created_at_ms integer not null, decided_at_ms integer, constraint payments_state check (state in ('open', 'paid', 'refused', 'returned'))
  ) strict`,
  'insert into payments_new select id, order_id, state, checkout_url, amount_fen, created_at_ms, decided_at_ms from payments',
  'drop table payments',
  'alter table payments_new rename to payments',
  `create unique index payments_open on payments (order_id) where state = 'open'`,
  'create index payments_age on payments (created_at_ms, id)',
  'create index payments_order on payments (order_id)',
  `create table refunds_new (
    id text not null primary key, payment_id text not null references payments (id), request_id text not null references requests (id),
    amount_fen integer not null check (amount_fen > 0), created_at_ms integer not null, unique (payment_id, request_id)
  ) strict`,
  'insert into refunds_new select id, payment_id, request_id, amount_fen, created_at_ms from refunds',
  'drop table refunds',
  'alter table refunds_new rename to refunds',
  'create index refunds_payment on refunds (payment_id)',
  'create index refunds_request on refunds (request_id)',
];

export const ends: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
  },
};
