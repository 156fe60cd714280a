/** An account as the contract shows it. */
import type { Account } from '#shared/contract/rest/accounts.ts';
import { utcText } from '../clock.ts';
import type { AccountRow } from './account-port.ts';

export function accountView(row: AccountRow): Account {
  const { id, loginName, kind, role, displayName, organisationName, unifiedSocialCreditCode, phone } = row;
  return { id, loginName, kind, role, displayName, organisationName, unifiedSocialCreditCode, phone, createdAtUtc: utcText(row.createdAtMs) };
}
