/** First tables: accounts, orders, codes, issuance, certificates, audit. STRICT on SQLite, so that a wrong type is an error and not a surprise. */
import { sql, type Kysely, type Migration } from 'kysely';
import { bytes, choice, integer, integerOrNull, key, reference, strict, text, textOrNull, type Builder, type Schema } from './column-builders.ts';

async function accountTables(schema: Schema): Promise<void> {
  let table = key(schema, 'accounts');
  table = text(table, 'login_name');
  table = table.addColumn('login_name_key', 'text', (c) => c.notNull().unique());
  table = text(table, 'password_hash', 'kind', 'role', 'display_name', 'phone');
  table = textOrNull(table, 'organisation_name', 'unified_social_credit_code');
  await strict(integer(table, 'created_at_ms').addCheckConstraint('accounts_role', choice('role', ['subscriber', 'staff']))).execute();
  await strict(integer(key(schema, 'login_failures', 'login_name_hash'), 'failures', 'last_failure_at_ms', 'locked_until_ms')).execute();
  await strict(integerOrNull(integer(reference(key(schema, 'sessions'), 'account_id', 'accounts.id'), 'created_at_ms'), 'ended_at_ms')).execute();
  const tokens = text(key(schema, 'session_tokens', 'token_hash').addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade')), 'kind');
  await strict(integerOrNull(integer(tokens, 'expires_at_ms'), 'used_at_ms')).execute();
  await schema.createIndex('session_tokens_session').on('session_tokens').column('session_id').execute();
  await schema.createIndex('session_tokens_expiry').on('session_tokens').column('expires_at_ms').execute();
  await strict(integer(text(schema.createTable('idempotency_keys') as Builder, 'account_id', 'idempotency_key', 'request_mac_hex', 'response_json'), 'created_at_ms')
    .addPrimaryKeyConstraint('idempotency_keys_key', ['account_id', 'idempotency_key'])).execute();
  await schema.createIndex('idempotency_keys_age').on('idempotency_keys').column('created_at_ms').execute();
}

async function orderTables(schema: Schema): Promise<void> {
  await strict(integer(text(key(schema, 'projects'), 'name', 'key_algorithm'), 'demo', 'position')).execute();
  await strict(integer(text(reference(key(schema, 'catalogue_items'), 'project_id', 'projects.id'), 'service_name', 'certificate_type', 'kind'), 'years', 'unit_price_fen', 'position')).execute();
  let orders = key(schema, 'orders').addColumn('number', 'text', (c) => c.notNull().unique());
  orders = reference(reference(orders, 'account_id', 'accounts.id'), 'project_id', 'projects.id');
  orders = integerOrNull(integer(text(orders, 'state'), 'total_fen', 'created_at_ms'), 'paid_at_ms');
  await strict(orders.addCheckConstraint('orders_state', choice('state', ['awaiting-payment', 'paid', 'writing', 'completed', 'cancelled']))).execute();
  await schema.createIndex('orders_page').on('orders').columns(['account_id', 'created_at_ms', 'id']).execute();
  await schema.createIndex('orders_state_page').on('orders').columns(['account_id', 'state', 'created_at_ms', 'id']).execute();
  let lines = reference(reference(reference(key(schema, 'order_lines'), 'order_id', 'orders.id'), 'account_id', 'accounts.id'), 'item_id', 'catalogue_items.id');
  lines = integer(text(lines, 'item_json', 'subject_json'), 'position', 'quantity', 'written_quantity', 'open_quantity', 'to_write', 'created_at_ms');
  // The last line of defence against two writers: the database itself refuses a line that is written more often than it was paid.
  await strict(lines.addCheckConstraint('order_lines_quantity', sql`written_quantity >= 0 and open_quantity >= 0 and written_quantity + open_quantity <= quantity`)).execute();
  await schema.createIndex('order_lines_order').on('order_lines').columns(['order_id', 'position']).execute();
  await schema.createIndex('order_lines_to_write').on('order_lines').columns(['account_id', 'to_write', 'created_at_ms', 'id']).execute();
  const payments = integer(text(reference(key(schema, 'payments'), 'order_id', 'orders.id'), 'state', 'checkout_url'), 'amount_fen', 'created_at_ms');
  await strict(integerOrNull(payments, 'decided_at_ms').addCheckConstraint('payments_state', choice('state', ['open', 'paid', 'refused']))).execute();
  await schema.createIndex('payments_open').unique().on('payments').column('order_id').where(sql.ref('state'), '=', sql.lit('open')).execute();
  await schema.createIndex('payments_age').on('payments').columns(['created_at_ms', 'id']).execute();
}

async function codeTables(schema: Schema): Promise<void> {
  const codes = text(reference(key(schema, 'authorization_codes'), 'order_line_id', 'order_lines.id'), 'operation', 'salt_hex', 'code_mac_hex');
  await strict(integerOrNull(integer(codes, 'tries_left', 'created_at_ms', 'expires_at_ms'), 'voided_at_ms').addCheckConstraint('authorization_codes_tries', sql`tries_left >= 0`)).execute();
  await schema.createIndex('authorization_codes_line').on('authorization_codes').columns(['order_line_id', 'operation', 'created_at_ms']).execute();
  await schema.createIndex('authorization_codes_live').unique().on('authorization_codes').columns(['order_line_id', 'operation']).where(sql.ref('voided_at_ms'), 'is', null).execute();
  const uses = text(reference(reference(key(schema, 'code_uses'), 'code_id', 'authorization_codes.id'), 'order_line_id', 'order_lines.id'), 'token_serial');
  await strict(integer(uses, 'used_at_ms').addUniqueConstraint('code_uses_once_per_key', ['order_line_id', 'token_serial'])).execute();
}

async function issuanceTables(schema: Schema): Promise<void> {
  let issuances = reference(reference(reference(key(schema, 'issuances'), 'account_id', 'accounts.id'), 'order_id', 'orders.id'), 'order_line_id', 'order_lines.id');
  issuances = bytes(text(issuances, 'code_use_id', 'ca_id', 'state', 'token_serial', 'token_model_id', 'key_algorithm', 'subject_json'), 'csr_subject_der');
  issuances = integerOrNull(integer(issuances, 'started_at_ms'), 'completed_at_ms', 'cancelled_at_ms');
  await strict(issuances.addCheckConstraint('issuances_state', choice('state', ['started', 'certified', 'completed', 'cancelled']))).execute();
  await schema.createIndex('issuances_open_for_token').unique().on('issuances').column('token_serial').where(choice('state', ['started', 'certified'])).execute();
  await schema.createIndex('issuances_page').on('issuances').columns(['account_id', 'started_at_ms', 'id']).execute();
  const intents = integer(text(reference(key(schema, 'issuance_intents'), 'issuance_id', 'issuances.id'), 'public_key_sha256', 'sign_serial_hex', 'encrypt_serial_hex', 'state'), 'not_before_ms', 'created_at_ms');
  await strict(intents).execute();
  await schema.createIndex('issuance_intents_issuance').on('issuance_intents').columns(['issuance_id', 'state']).execute();
  await schema.createIndex('issuance_intents_sign_serial').unique().on('issuance_intents').column('sign_serial_hex').execute();
  await schema.createIndex('issuance_intents_encrypt_serial').unique().on('issuance_intents').column('encrypt_serial_hex').execute();

  let certificates = reference(reference(key(schema, 'certificates', 'serial_hex'), 'account_id', 'accounts.id'), 'issuance_id', 'issuances.id');
  certificates = text(certificates, 'ca_id', 'purpose', 'state', 'subject', 'issuer', 'project_name', 'token_serial', 'sha256_hex');
  certificates = certificates.addColumn('public_key_sha256', 'text', (c) => c.notNull().unique());
  certificates = integer(bytes(certificates, 'public_key_spki_der', 'certificate_der'), 'not_before_ms', 'not_after_ms', 'created_at_ms');
  certificates = textOrNull(integerOrNull(certificates, 'revoked_at_ms'), 'revocation_reason');
  certificates = certificates.addCheckConstraint('certificates_state', choice('state', ['pending', 'active', 'revoked']));
  await strict(certificates.addUniqueConstraint('certificates_one_pair', ['issuance_id', 'purpose'])).execute();
  await schema.createIndex('certificates_page').on('certificates').columns(['account_id', 'created_at_ms', 'serial_hex']).execute();
  await schema.createIndex('certificates_all_page').on('certificates').columns(['created_at_ms', 'serial_hex']).execute();
  await schema.createIndex('certificates_revoked').on('certificates').columns(['ca_id', 'state', 'not_after_ms']).execute();

  const pairs = schema.createTable('issued_pairs').addColumn('issuance_id', 'text', (c) => c.primaryKey().notNull().references('issuances.id')) as Builder;
  await strict(bytes(text(pairs, 'sign_serial_hex', 'encrypt_serial_hex', 'public_key_sha256', 'chain_json', 'envelope_json', 'decrypted_sha256'), 'sign_nonce', 'decrypt_ciphertext')).execute();
  const escrow = text(reference(reference(key(schema, 'escrowed_keys'), 'issuance_id', 'issuances.id'), 'certificate_serial_hex', 'certificates.serial_hex'), 'algorithm', 'wrapping_key_id');
  await strict(integer(bytes(escrow, 'public_key_spki_der', 'wrapped_private_key'), 'created_at_ms')).execute();
  const crls = integer(text(schema.createTable('crls') as Builder, 'ca_id'), 'number', 'this_update_ms', 'next_update_ms', 'stale');
  await strict(bytes(crls, 'crl_der').addPrimaryKeyConstraint('crls_key', ['ca_id', 'number'])).execute();
}

async function auditAndMessageTables(schema: Schema): Promise<void> {
  const log = textOrNull(text(schema.createTable('audit_log').addColumn('sequence', 'integer', (c) => c.primaryKey().notNull()) as Builder, 'actor', 'event', 'details_json', 'hash_hex'), 'target');
  await strict(integer(log, 'at_ms')).execute();
  const head = text(integer(schema.createTable('audit_head').addColumn('id', 'integer', (c) => c.primaryKey().notNull()) as Builder, 'sequence'), 'hash_hex', 'mac_hex');
  await strict(head).execute();
  const messages = integer(bytes(textOrNull(text(key(schema, 'messages'), 'channel', 'recipient'), 'subject'), 'sealed_text'), 'created_at_ms');
  await strict(messages).execute();
  await schema.createIndex('messages_page').on('messages').columns(['created_at_ms', 'id']).execute();
  await schema.createIndex('messages_recipient_page').on('messages').columns(['recipient', 'created_at_ms', 'id']).execute();
}

export const firstTables: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await accountTables(database.schema);
    await orderTables(database.schema);
    await codeTables(database.schema);
    await issuanceTables(database.schema);
    await auditAndMessageTables(database.schema);
  },
};
