/** Messages to people (SMS and mail): the ports of their providers, and the records of the outbox. Texts are sealed at rest, because they carry authorization codes. */
export interface MessageRow {
  id: string;
  channel: 'sms' | 'mail';
  recipient: string;
  subject: string | null;
  sealedText: Buffer;
  createdAtMs: number;
}

export interface MessageRecords {
  insert(row: MessageRow): Promise<void>;
  page(filter: { recipient?: string }, after: { readonly createdAtMs: number; readonly id: string } | null, limit: number): Promise<MessageRow[]>;
  removeOlderThan(atMs: number): Promise<void>;
}

export interface Message {
  readonly channel: 'sms' | 'mail';
  readonly to: string;
  readonly subject: string | null;
  readonly text: string;
}

/**
 * Takes a message over inside the caller's transaction: it is sent if and only if the transaction commits (transactional outbox).
 * @throws PROVIDER_UNAVAILABLE
 */
export interface MessageProvider {
  send(outbox: MessageRecords, message: Message, nowMs: number): Promise<void>;
}

export interface TextSeal {
  seal(text: string): Buffer;
  open(sealed: Buffer): string;
}
