/**
 * A bid for a tender package: what the tenderer signed is taken over, and nothing may be said otherwise. Spec §11. Pure.
 * Rule: the bid has the package's groups exactly and one of its own besides. Without that one the tenderer opened alone, and a key of the bidder's among the tenderer's opened alone, too.
 */
import { equalBytes } from '../bytes/byte-strings.ts';
import { refuse } from '../errors/app-error.ts';
import { BIDDER_GROUP } from './group-names.ts';
import type { SuiteId } from './suites.ts';
import type { TenderDescription } from './tender-description.ts';

export interface GroupOfCertificates {
  readonly name: string;
  readonly certificates: readonly Uint8Array[];
}

export interface TenderTerms extends Pick<TenderDescription, 'tenderId' | 'opensAtUtc' | 'lots' | 'parts'> {
  /** Of the package: the bid has the same. */
  readonly suite: SuiteId;
  readonly groups: readonly GroupOfCertificates[];
}

/** What somebody says of the bid; absent: as the package has it. */
export interface BidWish {
  readonly suite?: SuiteId;
  readonly tenderId?: string;
  readonly lot?: string;
  readonly opensAt?: Date;
  readonly groups: readonly GroupOfCertificates[];
  readonly documentNames: readonly string[];
  /** True: also without required parts. */
  readonly incomplete?: boolean;
}

export interface BidTerms {
  readonly suite: SuiteId;
  readonly tenderId: string;
  readonly lot: string;
  readonly opensAt: Date | null;
  /** The bidder's first. */
  readonly groups: readonly GroupOfCertificates[];
}

/** @throws SEAL_TENDER_OTHERWISE, SEAL_OPENER_DUPLICATE, SEAL_PARTS_MISSING */
export function holdToTender(tender: TenderTerms, wish: BidWish): BidTerms {
  const { suite, tenderId } = tender;
  const opensAt = tender.opensAtUtc === null ? null : new Date(tender.opensAtUtc);
  if (wish.suite !== undefined && wish.suite !== suite) otherwise('suite', { ofTender: suite });
  if (wish.tenderId !== undefined && wish.tenderId !== tenderId) otherwise('tenderId', { ofTender: tenderId });
  if (wish.opensAt !== undefined && wish.opensAt.getTime() !== opensAt?.getTime()) otherwise('opensAt', { ofTender: tender.opensAtUtc });
  const lot = chooseLot(tender, wish.lot);
  const own = ownGroup(wish.groups);
  const both = own.certificates.find((der) => tender.groups.some(({ certificates }) => certificates.some((other) => equalBytes(der, other))));
  // One key that stands for two groups would defeat the second.
  if (both) refuse('SEAL_OPENER_DUPLICATE');
  if (wish.incomplete !== true) requireParts(tender, wish.documentNames);
  return { suite, tenderId, lot, opensAt, groups: [own, ...tender.groups] };
}

const otherwise = (what: string, details: Readonly<Record<string, string | null | string[]>>): never => refuse('SEAL_TENDER_OTHERWISE', { what, ...details });

/** Where the tender has one lot, it is that; where it has none, the bid has none. */
function chooseLot({ lots }: TenderTerms, wanted: string | undefined): string {
  const ids = lots.map(({ id }) => id);
  const lot = wanted ?? (ids.length === 1 ? ids[0] : undefined) ?? '';
  return (ids.length === 0 ? lot === '' : ids.includes(lot)) ? lot : otherwise('lot', { lots: ids });
}

function ownGroup(groups: readonly GroupOfCertificates[]): GroupOfCertificates {
  const [own, ...others] = groups;
  if (own?.name !== BIDDER_GROUP || own.certificates.length === 0 || others.length > 0) return otherwise('groups', { own: BIDDER_GROUP, got: groups.map(({ name }) => name) });
  return { name: own.name, certificates: own.certificates.filter((der, i, all) => all.findIndex((other) => equalBytes(der, other)) === i) };
}

/** A package names its parts by their titles and nothing else: a file or folder of a part has the title in its name. */
function requireParts({ parts }: TenderTerms, documentNames: readonly string[]): void {
  const names = documentNames.flatMap((name) => name.split('/')).map(lettersOf);
  const missing = parts.filter(({ required, title }) => required && !names.some((name) => name.includes(lettersOf(shortened(title))))).map(({ title }) => title);
  if (missing.length > 0) refuse('SEAL_PARTS_MISSING', { parts: missing });
}

/** As far as titles are part of names of folders in bids. */
const shortened = (title: string): string => [...title].slice(0, 60).join('');
/** Names of files cannot hold every sign of a title. */
const lettersOf = (text: string): string => text.normalize('NFKC').toUpperCase().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
