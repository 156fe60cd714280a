/** Rehearsal tickets beside one bid of three groups, one fault each: what a rehearsal with the bidder's key makes of them. */
import { derEnumerated, derInteger, derNull, derOctetString, derUtf8String } from '../../../src-shared/asn1/der-writer.ts';
import { concatBytes } from '../../../src-shared/bytes/byte-strings.ts';
import { makeTicket } from '../../../src-shared/seal/rehearsal-ticket.ts';
import type { HeaderCore } from '../../../src-shared/seal/seal-header.ts';
import { assembleFile, suites, type FileParts } from './assemble-file.ts';
import { add, flip, put, type FilePeople } from './file-cases.ts';

type Bytes = Uint8Array;

export interface TicketCase {
  readonly name: string;
  readonly key: 'openerA' | 'tenderer';
  /** `opened`: with all chunks tried; `not tried`: the ticket is of no use to this key. */
  readonly expect: 'opened' | 'not tried' | 'SEAL_TICKET_INVALID' | 'SEAL_SHARE_WRONG';
  readonly ticket: Bytes;
}

interface BidWithShares {
  readonly file: Bytes;
  readonly core: HeaderCore;
  readonly shares: readonly Bytes[];
}

async function assembleWithShares(people: FilePeople, seed: string): Promise<BidWithShares> {
  let core: HeaderCore | null = null;
  const shares: Bytes[] = [];
  const groups = [{ name: 'bidder', openers: [people.openerA] }, { name: 'tenderer', openers: [people.tenderer] }, { name: 'platform', openers: [people.openerB] }];
  const parts: FileParts = { kind: 'sealed', suite: 'sm', groups, documents: [{ name: '报价.pdf', bytes: new Uint8Array(100) }], signer: people.bidder };
  const file = await assembleFile(parts, { core: (right) => (core = right), share: (share, group) => (shares[group] = Uint8Array.from(share)) }, seed);
  if (!core) throw new Error('no core');
  return { file, core, shares };
}

export async function ticketCases(people: FilePeople): Promise<{ readonly bid: Bytes; readonly cases: readonly TicketCase[] }> {
  const suite = suites('sm');
  const [one, other] = [await assembleWithShares(people, 'ticket bid'), await assembleWithShares(people, 'another ticket bid')];
  const good = await makeTicket(one.core, 0, one.shares, suite);
  const wrongShare = await makeTicket(one.core, 0, one.shares.map((share, i) => (i === 2 ? flip(3)(share) : share)), suite);
  const invalid = (name: string, ticket: Bytes): TicketCase => ({ name, key: 'openerA', expect: 'SEAL_TICKET_INVALID', ticket });
  return {
    bid: one.file,
    cases: [
      { name: 'ticket of the bidder', key: 'openerA', expect: 'opened', ticket: good }, { name: 'ticket of the bidder, key of the tenderer', key: 'tenderer', expect: 'not tried', ticket: good },
      { name: 'ticket of the tenderer', key: 'tenderer', expect: 'opened', ticket: await makeTicket(one.core, 1, one.shares, suite) }, { name: 'share of a group wrong inside', key: 'openerA', expect: 'SEAL_SHARE_WRONG', ticket: wrongShare },
      invalid('ticket of another bid', await makeTicket(other.core, 0, other.shares, suite)), invalid('shares of another bid', await makeTicket(one.core, 0, other.shares, suite)), invalid('sealed part damaged', flip(-1)(good)),
      invalid('digest of the core damaged', flip(40)(good)), invalid('group that is not there', put(3, derInteger(3))(good)), invalid('negative group', put(3, derInteger(-1))(good)), invalid('unknown suite', put(1, derEnumerated(9))(good)), invalid('the other suite', put(1, derEnumerated(2))(good)),
      invalid('another label', put(0, derUtf8String('BidKey rehearsal ticket 2'))(good)), invalid('sixth member', add(derNull())(good)), invalid('octets behind', concatBytes(good, Uint8Array.of(5, 0))), invalid('one share too few', put(4, derOctetString(new Uint8Array(48)))(good)),
      invalid('empty', new Uint8Array(0)), invalid('too long', new Uint8Array(1025)),
    ],
  };
}
