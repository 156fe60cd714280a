/** Who calls: the account behind a valid access token, as services see it. */
export interface Caller {
  readonly accountId: string;
  readonly role: 'subscriber' | 'staff';
  readonly sessionId: string;
}
