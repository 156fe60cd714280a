/** The database handle: which tables there are, and how the embedded SQLite file is opened. Queries stay portable to PostgreSQL; what differs stands here and in `migrations.ts`. */
import Sqlite from 'better-sqlite3';
import { CamelCasePlugin, Kysely, SqliteAdapter, SqliteDialect, type CompiledQuery } from 'kysely';
import type { AccountRow, LoginFailureRow, SessionRow, SessionTokenRow } from '../accounts/account-port.ts';
import type { AdministratorPinReleaseRow, AdministratorPinRow } from '../administrator-pins/administrator-pin-port.ts';
import type { AuditHeadRow, AuditRow } from '../audit/audit-port.ts';
import type { BindingRow, TrustedCaCrlRow, TrustedCaRow } from '../bindings/binding-port.ts';
import type { ChallengeClockRow, KeyChallengeRow } from '../challenges/challenge-port.ts';
import type { AuthorizationCodeRow, CodeUseRow } from '../codes/code-port.ts';
import type { CertificateRow, CrlRow, EscrowedKeyRow, IssuanceIntentRow, IssuanceRow, IssuedPairRow } from '../issuance/issuance-port.ts';
import type { MessageRow } from '../messages/message-port.ts';
import type { IdempotencyRow } from '../once/idempotency-port.ts';
import type { CatalogueItemRow, OrderLineRow, OrderRow, PaymentRow, ProjectRow, RefundRow } from '../orders/order-port.ts';
import type { MaterialRow, RequestEventRow, RequestRow } from '../requests/request-port.ts';
import type { KeyRecoveryRow, RestoredKeyRow } from '../recovery/recovery-port.ts';

/** How often anything of a CA was revoked or released. */
interface RevocationChangesRow {
  caId: string;
  changes: number;
}

export interface Tables {
  accounts: AccountRow;
  loginFailures: LoginFailureRow;
  sessions: SessionRow;
  sessionTokens: SessionTokenRow;
  projects: ProjectRow;
  catalogueItems: CatalogueItemRow;
  orders: OrderRow;
  orderLines: OrderLineRow;
  payments: PaymentRow;
  refunds: RefundRow;
  requests: RequestRow;
  requestEvents: RequestEventRow;
  requestMaterials: MaterialRow;
  recoveryApprovals: { requestId: string; staffId: string; atMs: number };
  authorizationCodes: AuthorizationCodeRow;
  codeUses: CodeUseRow;
  issuances: IssuanceRow;
  issuanceIntents: IssuanceIntentRow;
  issuedPairs: IssuedPairRow;
  escrowedKeys: EscrowedKeyRow;
  certificates: CertificateRow;
  crls: CrlRow;
  revocationChanges: RevocationChangesRow;
  keyChallenges: KeyChallengeRow;
  challengeClock: ChallengeClockRow;
  bindings: BindingRow;
  trustedCas: TrustedCaRow;
  trustedCaCrls: TrustedCaCrlRow;
  administratorPins: AdministratorPinRow;
  administratorPinReleases: AdministratorPinReleaseRow;
  restoredKeys: RestoredKeyRow;
  keyRecoveries: KeyRecoveryRow;
  auditLog: AuditRow;
  auditHead: AuditHeadRow;
  messages: MessageRow;
  idempotencyKeys: IdempotencyRow;
}

export type Database = Kysely<Tables>;

/** SQLite does take changes of tables back with their transaction; Kysely leaves that unused. Without it a first start that is killed would leave half of the tables, for ever. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

/**
 * @param file path of the SQLite file, made when it does not exist
 * @param onQuery sees every query, for looking at its plan
 */
export function openSqlite(file: string, onQuery?: (query: CompiledQuery) => void): Database {
  const sqlite = new Sqlite(file);
  sqlite.pragma('journal_mode = WAL');
  // FULL: a certificate that was delivered must still be known after a power cut.
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('trusted_schema = OFF');
  return kyselyOver(sqlite, onQuery);
}

/** The same file for reading, also while the service writes. @param file must exist */
export function openSqliteReadOnly(file: string): Database {
  const sqlite = new Sqlite(file, { readonly: true, fileMustExist: true });
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('trusted_schema = OFF');
  return kyselyOver(sqlite);
}

function kyselyOver(sqlite: Sqlite.Database, onQuery?: (query: CompiledQuery) => void): Database {
  return new Kysely<Tables>({
    dialect: new TransactionalSqliteDialect({ database: sqlite }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    ...(onQuery === undefined ? {} : { log: ({ query }) => onQuery(query) }),
  });
}
