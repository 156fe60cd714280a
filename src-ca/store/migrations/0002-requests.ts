/**
 * Requests of all kinds stand in one table. Order lines become the commercial side of a request of the same id; codes and issuances belong to
 * requests; certificates know their project, may be suspended, and a key has one live pair in a project. What is there moves over.
 */
import { sql, type Kysely, type Migration } from 'kysely';

const STATES = `'draft', 'submitted', 'in-review', 'approved', 'rejected', 'awaiting-payment', 'paid', 'code-sent', 'writing', 'completed', 'withdrawn', 'expired', 'cancelled'`;

const REQUESTS = [
  `create table requests (
    id text not null primary key, number text not null unique, account_id text not null references accounts (id), project_id text not null references projects (id),
    kind text not null, state text not null, version integer not null, key_algorithm text not null, certificate_type text not null,
    token_serial text, token_model_id text, certificate_serial_hex text references certificates (serial_hex), subject_json text, change_kind_id text,
    key_policy text, revocation_reason text, old_key_handling text, item_id text references catalogue_items (id), item_json text,
    quantity integer not null, written_quantity integer not null, open_quantity integer not null, order_id text references orders (id),
    rejection_reason text, claimed_by_staff_id text references accounts (id), risk_notice_version text, risk_notice_signature blob, risk_notice_at_ms integer,
    open_slot text, created_at_ms integer not null, submitted_at_ms integer, paid_at_ms integer, state_since_ms integer not null, expires_at_ms integer,
    constraint requests_state check (state in (${STATES})),
    constraint requests_quantity check (written_quantity >= 0 and open_quantity >= 0 and written_quantity + open_quantity <= quantity)
  ) strict`,
  'create index requests_page on requests (account_id, created_at_ms, id)',
  'create index requests_state_page on requests (account_id, state, created_at_ms, id)',
  'create index requests_token_page on requests (account_id, token_serial, created_at_ms, id)',
  `create index requests_to_write on requests (account_id, created_at_ms, id) where kind = 'new-issue' and state in ('code-sent', 'writing')`,
  'create index requests_review on requests (state, created_at_ms, id)',
  'create index requests_certificate on requests (certificate_serial_hex, kind)',
  'create index requests_order on requests (order_id)',
  'create index requests_expiry on requests (expires_at_ms) where expires_at_ms is not null',
  // The last line of defence against two requests for one key: a slot is taken while a request is under way.
  'create unique index requests_open_slot on requests (open_slot) where open_slot is not null',
  `create table request_events (
    request_id text not null references requests (id), version integer not null, at_ms integer not null, actor text not null, actor_account_id text,
    event text not null, from_state text, to_state text not null, reason text, primary key (request_id, version)
  ) strict`,
  `create table request_materials (
    id text not null primary key, request_id text not null references requests (id), material_kind_id text not null, file_name text not null,
    media_type text not null, bytes integer not null, sha256_hex text not null, added_at_ms integer not null
  ) strict`,
  'create index request_materials_request on request_materials (request_id, added_at_ms)',
  `create table recovery_approvals (
    request_id text not null references requests (id), staff_id text not null references accounts (id), at_ms integer not null, primary key (request_id, staff_id)
  ) strict`,
  `create table refunds (
    id text not null primary key, payment_id text not null references payments (id), request_id text not null references requests (id),
    amount_fen integer not null check (amount_fen > 0), created_at_ms integer not null, unique (request_id)
  ) strict`,
  'create index refunds_payment on refunds (payment_id)',
];

/** A paid line is in writing as soon as a key of it is begun; what was cancelled or is not paid follows its order. */
const LINES_TO_REQUESTS = [
  `insert into requests (id, number, account_id, project_id, kind, state, version, key_algorithm, certificate_type, subject_json, item_id, item_json, quantity, written_quantity, open_quantity, order_id, created_at_ms, submitted_at_ms, paid_at_ms, state_since_ms)
   select l.id, 'SQ' || substr(o.number, 3) || '-' || (l.position + 1), l.account_id, o.project_id, 'new-issue',
     case when o.state in ('awaiting-payment', 'cancelled') then o.state when l.written_quantity = l.quantity then 'completed' when l.written_quantity + l.open_quantity > 0 then 'writing' else 'code-sent' end,
     2, p.key_algorithm, coalesce(json_extract(l.item_json, '$.certificateType'), 'organisation'), l.subject_json, l.item_id, l.item_json, l.quantity, l.written_quantity, l.open_quantity,
     l.order_id, l.created_at_ms, l.created_at_ms, o.paid_at_ms, coalesce(o.paid_at_ms, l.created_at_ms)
   from order_lines l join orders o on o.id = l.order_id join projects p on p.id = o.project_id`,
  `insert into request_events (request_id, version, at_ms, actor, actor_account_id, event, from_state, to_state, reason)
   select id, 1, created_at_ms, 'applicant', account_id, 'order', null, 'awaiting-payment', null from requests`,
  `insert into request_events (request_id, version, at_ms, actor, actor_account_id, event, from_state, to_state, reason)
   select id, 2, state_since_ms, 'system', null, 'carried-over', 'awaiting-payment', state, null from requests where state <> 'awaiting-payment'`,
];

interface Remade {
  readonly table: string;
  readonly columns: string;
  /** Query that fills the table; its columns in the order of the new ones. */
  readonly fill: string;
  readonly indexes: readonly string[];
}

/** In the order in which their new columns can be filled. */
const REMADE: readonly Remade[] = [
  {
    table: 'order_lines',
    columns: `id text not null primary key references requests (id), order_id text not null references orders (id), account_id text not null references accounts (id),
      item_id text not null references catalogue_items (id), item_json text not null, position integer not null, created_at_ms integer not null`,
    fill: 'select id, order_id, account_id, item_id, item_json, position, created_at_ms from order_lines',
    indexes: ['create index order_lines_order on order_lines (order_id, position)'],
  },
  {
    table: 'authorization_codes',
    columns: `id text not null primary key, request_id text not null references requests (id), operation text not null, salt_hex text not null, code_mac_hex text not null,
      tries_left integer not null check (tries_left >= 0), created_at_ms integer not null, expires_at_ms integer not null, voided_at_ms integer`,
    fill: 'select id, order_line_id, operation, salt_hex, code_mac_hex, tries_left, created_at_ms, expires_at_ms, voided_at_ms from authorization_codes',
    indexes: [
      'create index authorization_codes_request on authorization_codes (request_id, operation, created_at_ms)',
      'create unique index authorization_codes_live on authorization_codes (request_id, operation) where voided_at_ms is null',
    ],
  },
  {
    table: 'code_uses',
    columns: `id text not null primary key, code_id text not null references authorization_codes (id), request_id text not null references requests (id), token_serial text not null,
      used_at_ms integer not null, constraint code_uses_once_per_key unique (request_id, token_serial)`,
    fill: 'select id, code_id, order_line_id, token_serial, used_at_ms from code_uses',
    indexes: [],
  },
  {
    table: 'certificates',
    columns: `serial_hex text not null primary key, account_id text not null references accounts (id), issuance_id text not null references issuances (id), project_id text not null references projects (id),
      ca_id text not null, purpose text not null, state text not null, subject text not null, issuer text not null, project_name text not null, token_serial text not null, sha256_hex text not null,
      public_key_sha256 text not null, key_of_before integer not null, pair_key text, public_key_spki_der blob not null, certificate_der blob not null, not_before_ms integer not null, not_after_ms integer not null,
      created_at_ms integer not null, revoked_at_ms integer, revocation_reason text,
      constraint certificates_state check (state in ('pending', 'active', 'suspended', 'revoked')), constraint certificates_one_pair unique (issuance_id, purpose)`,
    // Of several live pairs on one key, from before there was a rule, the newest takes the place; the others stay valid until they end.
    fill: `select c.serial_hex, c.account_id, c.issuance_id, o.project_id, c.ca_id, c.purpose, c.state, c.subject, c.issuer, c.project_name, c.token_serial, c.sha256_hex, c.public_key_sha256, 0,
      case when c.purpose = 'sign' and (c.state <> 'active' or not exists (
        select 1 from certificates d join issuances e on e.id = d.issuance_id join orders q on q.id = e.order_id
        where d.purpose = 'sign' and d.state = 'active' and d.token_serial = c.token_serial and q.project_id = o.project_id and (d.created_at_ms, d.serial_hex) > (c.created_at_ms, c.serial_hex)
      )) then o.project_id || ' ' || c.token_serial end,
      c.public_key_spki_der, c.certificate_der, c.not_before_ms, c.not_after_ms, c.created_at_ms, c.revoked_at_ms, c.revocation_reason
      from certificates c join issuances i on i.id = c.issuance_id join orders o on o.id = i.order_id`,
    indexes: [
      'create index certificates_page on certificates (account_id, created_at_ms, serial_hex)',
      'create index certificates_all_page on certificates (created_at_ms, serial_hex)',
      'create index certificates_revoked on certificates (ca_id, state, not_after_ms)',
      // A public key is in one pair only, except where a renewal keeps the keys of the pair before.
      'create unique index certificates_public_key on certificates (public_key_sha256) where key_of_before = 0',
      'create index certificates_key on certificates (public_key_sha256)',
      'create index certificates_token on certificates (token_serial, created_at_ms)',
      `create unique index certificates_one_live_pair on certificates (pair_key) where pair_key is not null and state in ('active', 'suspended')`,
    ],
  },
  {
    table: 'issuances',
    columns: `id text not null primary key, account_id text not null references accounts (id), request_id text not null references requests (id), project_id text not null references projects (id),
      code_use_id text not null, ca_id text not null, state text not null, token_serial text not null, token_model_id text not null, key_algorithm text not null, subject_json text not null,
      csr_subject_der blob not null, started_at_ms integer not null, completed_at_ms integer, cancelled_at_ms integer,
      constraint issuances_state check (state in ('started', 'certified', 'completed', 'cancelled'))`,
    fill: `select i.id, i.account_id, i.order_line_id, o.project_id, i.code_use_id, i.ca_id, i.state, i.token_serial, i.token_model_id, i.key_algorithm, i.subject_json, i.csr_subject_der, i.started_at_ms, i.completed_at_ms, i.cancelled_at_ms
      from issuances i join orders o on o.id = i.order_id`,
    indexes: [
      `create unique index issuances_open_for_token on issuances (token_serial) where state in ('started', 'certified')`,
      'create index issuances_page on issuances (account_id, started_at_ms, id)',
      'create index issuances_request on issuances (request_id)',
    ],
  },
  {
    table: 'issued_pairs',
    columns: `issuance_id text not null primary key references issuances (id), sign_serial_hex text not null, encrypt_serial_hex text not null, public_key_sha256 text not null,
      chain_json text not null, envelope_json text, decrypted_sha256 text not null, sign_nonce blob not null, decrypt_ciphertext blob not null`,
    fill: 'select issuance_id, sign_serial_hex, encrypt_serial_hex, public_key_sha256, chain_json, envelope_json, decrypted_sha256, sign_nonce, decrypt_ciphertext from issued_pairs',
    indexes: [],
  },
];

/** SQLite cannot change constraints, so a table is made anew and filled (sqlite.org/lang_altertable.html §7; foreign keys are off meanwhile, `migrations.ts`). */
async function remake(database: Kysely<unknown>, { table, columns, fill, indexes }: Remade): Promise<void> {
  await run(database, `create table ${table}_new (${columns}) strict`, `insert into ${table}_new ${fill}`, `drop table ${table}`, `alter table ${table}_new rename to ${table}`, ...indexes);
}

async function run(database: Kysely<unknown>, ...statements: string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

export const requestTables: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await run(database, ...REQUESTS, ...LINES_TO_REQUESTS);
    for (const table of REMADE) await remake(database, table);
    await run(
      database,
      'create index escrowed_keys_certificate on escrowed_keys (certificate_serial_hex)',
      `alter table projects add column rules_json text not null default '{}'`,
    );
  },
};
