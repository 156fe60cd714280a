/**
 * Rehearsal ticket: the shares of the other groups, for the keys of one group, so that a bidder can try first and last chunk alone. Lies beside the bid on the
 * bidder's machine, never inside. Spec §12. Pure.
 * `Ticket ::= SEQUENCE { label UTF8String, suite ENUMERATED, coreDigest OCTET STRING, group INTEGER, sealed OCTET STRING }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derEnumerated, derInteger, derOctetString, derSequence, derUtf8String } from '../asn1/der-writer.ts';
import { concatBytes, equalBytes, wipeBytes } from '../bytes/byte-strings.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import type { GroupShare } from './collect-shares.ts';
import { checkShare, deriveGroupKeys } from './key-schedule.ts';
import { MAX_GROUPS, SHARE_BYTES, TAG_BYTES } from './limits.ts';
import { writeCore, type HeaderCore, type SealHeader } from './seal-header.ts';
import { readCount, readDigest, readStrict, readText } from './strict-structure.ts';
import { SUITES, type Suite, type SuiteId } from './suites.ts';

export interface RehearsalTicket {
  readonly suite: SuiteId;
  readonly coreDigest: Uint8Array;
  /** Whose keys it is for. */
  readonly group: number;
  readonly sealed: Uint8Array;
}

const LABEL = 'BidKey rehearsal ticket 1';
export const MAX_TICKET_BYTES = 1024;
/** The key is made from one share and seals one text only, the same whenever it is made: there is no second nonce. */
const NONCE = new Uint8Array(12);

const headOf = (ticket: Omit<RehearsalTicket, 'sealed'>): Uint8Array[] => [derUtf8String(LABEL), derEnumerated(SUITES[ticket.suite].number), derOctetString(ticket.coreDigest), derInteger(ticket.group)];

const writeTicket = (ticket: RehearsalTicket): Uint8Array => derSequence(...headOf(ticket), derOctetString(ticket.sealed));

/** @param shares of all groups, in order */
export async function makeTicket(core: HeaderCore, group: number, shares: readonly Uint8Array[], suite: Suite): Promise<Uint8Array> {
  const own = shares[group] ?? refuse('SEAL_GROUPS', { reason: 'no such group' });
  const coreDer = writeCore(core);
  const head = { suite: suite.id, coreDigest: suite.digest(coreDer), group };
  const { ticketKey } = deriveGroupKeys(suite, coreDer, group, own);
  const others = concatBytes(...shares.filter((_, i) => i !== group));
  try {
    return writeTicket({ ...head, sealed: await suite.encrypt(ticketKey, NONCE, derSequence(...headOf(head)), others) });
  } finally {
    wipeBytes(ticketKey, others);
  }
}

/** @throws SEAL_TICKET_INVALID when it is malformed or of another bid */
export function readTicket(der: Uint8Array, header: SealHeader, suite: Suite): RehearsalTicket {
  const ticket = readStrict(der, MAX_TICKET_BYTES, 'SEAL_TICKET_INVALID', readTicketIn, writeTicket);
  if (ticket.suite !== suite.id || !equalBytes(ticket.coreDigest, suite.digest(writeCore(header.core)))) refuse('SEAL_TICKET_INVALID', { reason: 'of another bid' });
  const others = header.groups.length - 1;
  if (ticket.group > others || others === 0 || ticket.sealed.length !== others * SHARE_BYTES + TAG_BYTES) refuse('SEAL_TICKET_INVALID', { reason: 'groups' });
  return ticket;
}

/** @param share of the group that the ticket is for @returns the shares of the others, the owner wipes them @throws SEAL_TICKET_INVALID, SEAL_SHARE_WRONG */
export async function openTicket(ticket: RehearsalTicket, share: Uint8Array, header: SealHeader, suite: Suite): Promise<GroupShare[]> {
  const { ticketKey } = deriveGroupKeys(suite, writeCore(header.core), ticket.group, share);
  let others: Uint8Array;
  try {
    others = await suite.decrypt(ticketKey, NONCE, derSequence(...headOf(ticket)), ticket.sealed);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'DECRYPT_FAILED') throw new AppError('SEAL_TICKET_INVALID', { reason: 'does not open' }, thrown);
    throw thrown;
  } finally {
    wipeBytes(ticketKey);
  }
  const groups = header.groups.map((_, i) => i).filter((i) => i !== ticket.group);
  // A copy: a slice of what the native engine gives would be a view, and be wiped with it.
  const shares = groups.map((group, i) => ({ group, share: Uint8Array.from(others.subarray(i * SHARE_BYTES, (i + 1) * SHARE_BYTES)) }));
  wipeBytes(others);
  for (const one of shares) checkShare(suite, header, one.group, one.share);
  return shares;
}

function readTicketIn(outer: DerReader): RehearsalTicket {
  const inside = outer.readSequence('ticket');
  if (readText(inside, 'label', 1, 64) !== LABEL) refuse('DER_MALFORMED', { reason: 'another kind of file' });
  const number = inside.readEnumerated('suite');
  const suite = (Object.keys(SUITES) as SuiteId[]).find((id) => SUITES[id].number === number) ?? refuse('DER_MALFORMED', { reason: 'unknown suite', number });
  const coreDigest = readDigest(inside, 'core digest');
  const group = readCount(inside, 'group', 0, MAX_GROUPS - 1);
  const sealed = Uint8Array.from(inside.readOctetString('sealed'));
  inside.end('ticket');
  return { suite, coreDigest, group, sealed };
}
