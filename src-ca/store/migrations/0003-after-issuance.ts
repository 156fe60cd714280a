/** What happens to certificates and keys after their issuance: challenges, bindings, foreign CAs, administrator PINs, escrow recovery. */
import { sql, type Kysely, type Migration } from 'kysely';
import { bytes, bytesOrNull, choice, integer, integerOrNull, key, reference, strict, text, textOrNull, type Builder, type Schema } from './column-builders.ts';

async function revocationTables(schema: Schema): Promise<void> {
  // Counted whenever something is revoked or released: a list that was being signed meanwhile is known to be behind.
  await strict(integer(key(schema, 'revocation_changes', 'ca_id'), 'changes')).execute();
}

async function challengeTables(schema: Schema): Promise<void> {
  const challenges = bytes(textOrNull(text(key(schema, 'key_challenges'), 'purpose', 'certificate_sha256'), 'account_id', 'request_id', 'project_id'), 'certificate_der', 'message');
  await strict(integerOrNull(integer(challenges, 'epoch', 'created_at_ms', 'expires_at_ms'), 'used_at_ms')).execute();
  await schema.createIndex('key_challenges_age').on('key_challenges').column('expires_at_ms').execute();
  await strict(integer(schema.createTable('challenge_clock').addColumn('id', 'integer', (c) => c.primaryKey().notNull()) as Builder, 'latest_ms', 'epoch')).execute();
}

async function bindingTables(schema: Schema): Promise<void> {
  let bindings = reference(key(schema, 'bindings'), 'account_id', 'accounts.id');
  bindings = textOrNull(text(bindings, 'source', 'state', 'certificate_sha256', 'serial_hex', 'subject', 'issuer'), 'project_id', 'trusted_ca_id');
  bindings = integerOrNull(integer(bytes(bindings, 'certificate_der'), 'not_before_ms', 'not_after_ms', 'bound_at_ms'), 'unbound_at_ms', 'last_login_at_ms');
  bindings = bindings.addCheckConstraint('bindings_state', choice('state', ['bound', 'unbound'])).addCheckConstraint('bindings_source', choice('source', ['issued', 'signed']));
  await strict(bindings).execute();
  await schema.createIndex('bindings_bound').unique().on('bindings').columns(['certificate_sha256', 'account_id']).where(sql.ref('state'), '=', sql.lit('bound')).execute();
  await schema.createIndex('bindings_certificate').on('bindings').columns(['certificate_sha256', 'state']).execute();
  await schema.createIndex('bindings_account').on('bindings').columns(['account_id', 'state']).execute();
  // A session that began with a certificate does not outlive it for long.
  await schema.alterTable('sessions').addColumn('certificate_serial_hex', 'text').execute();
  const trusted = text(key(schema, 'trusted_cas'), 'name', 'without_crl', 'chain_json');
  await strict(integer(trusted, 'changed_at_ms').addCheckConstraint('trusted_cas_without_crl', choice('without_crl', ['refuse', 'accept']))).execute();
  const crls = bytes(reference(schema.createTable('trusted_ca_crls') as Builder, 'trusted_ca_id', 'trusted_cas.id'), 'crl_der');
  await strict(integer(text(crls, 'issuer_sha256'), 'this_update_ms', 'next_update_ms').addPrimaryKeyConstraint('trusted_ca_crls_key', ['trusted_ca_id', 'issuer_sha256'])).execute();
}

async function keyTables(schema: Schema): Promise<void> {
  const pins = integer(bytesOrNull(text(key(schema, 'administrator_pins', 'token_serial'), 'depositor_account_id', 'phase'), 'wrapped_current', 'wrapped_next'), 'created_at_ms', 'changed_at_ms');
  await strict(pins.addCheckConstraint('administrator_pins_phase', sql`phase in ('deposit', 'unlock') and wrapped_next is not null or phase = 'in-force' and wrapped_current is not null and wrapped_next is null`)).execute();
  const releases = integer(text(key(schema, 'administrator_pin_releases', 'request_id'), 'account_id', 'token_serial', 'deed_id', 'state'), 'deliveries', 'released_at_ms');
  await strict(releases.addCheckConstraint('administrator_pin_releases_state', choice('state', ['open', 'done']))).execute();
  const recoveries = integer(text(reference(key(schema, 'key_recoveries', 'request_id'), 'account_id', 'accounts.id'), 'token_serial', 'sign_serial_hex'), 'started_at_ms');
  await strict(integerOrNull(recoveries, 'completed_at_ms')).execute();
  const restored = textOrNull(text(reference(key(schema, 'restored_keys'), 'account_id', 'accounts.id'), 'request_id', 'serial_hex', 'opening_key_sha256'), 'issuance_id');
  await strict(integer(restored, 'delivered_at_ms')).execute();
  await schema.createIndex('issuances_token').on('issuances').columns(['token_serial', 'started_at_ms']).execute();
  await schema.createIndex('restored_keys_request').on('restored_keys').columns(['request_id', 'serial_hex']).execute();
}

export const afterIssuance: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await revocationTables(database.schema);
    await challengeTables(database.schema);
    await bindingTables(database.schema);
    await keyTables(database.schema);
  },
};
