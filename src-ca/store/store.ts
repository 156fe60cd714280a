/** The store: all records over one database, and transactions over all records. Nothing but `compose.ts` knows it; services see only the ports it fills. */
import type { Records } from '../records.ts';
import { KeptRefusal, type Transactions } from '../transactions.ts';
import { accountRecords, loginFailureRecords, sessionRecords } from './account-records.ts';
import { administratorPinRecords, bindingRecords, challengeRecords, recoveryRecords, trustedCaRecords } from './after-issuance-records.ts';
import { codeRecords } from './code-records.ts';
import type { Database } from './database.ts';
import { certificateRecords, crlRecords, issuanceRecords } from './issuance-records.ts';
import { auditRecords, idempotencyRecords, messageRecords } from './ledger-records.ts';
import { catalogueRecords, orderRecords, paymentRecords, refundRecords } from './order-records.ts';
import { requestRecords } from './request-records.ts';

export function recordsOf(db: Database): Records {
  return {
    accounts: accountRecords(db),
    loginFailures: loginFailureRecords(db),
    sessions: sessionRecords(db),
    catalogue: catalogueRecords(db),
    orders: orderRecords(db),
    payments: paymentRecords(db),
    refunds: refundRecords(db),
    requests: requestRecords(db),
    codes: codeRecords(db),
    issuances: issuanceRecords(db),
    certificates: certificateRecords(db),
    crls: crlRecords(db),
    challenges: challengeRecords(db),
    bindings: bindingRecords(db),
    trustedCas: trustedCaRecords(db),
    administratorPins: administratorPinRecords(db),
    recoveries: recoveryRecords(db),
    audit: auditRecords(db),
    messages: messageRecords(db),
    idempotency: idempotencyRecords(db),
  };
}

/** On SQLite, transactions wait for one another; on PostgreSQL they must be serializable. Every deed also guards itself by conditional updates and unique indexes. */
export function transactionsOf(db: Database): Transactions<Records> {
  const plain = recordsOf(db);
  return {
    async write(work) {
      const result = await db.transaction().execute((transaction) => work(recordsOf(transaction)));
      if (result instanceof KeptRefusal) throw result.error;
      return result;
    },
    read: (work) => work(plain),
  };
}
