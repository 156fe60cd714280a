/** Sealed bids of other companies, and a tender package of somebody else, made without their keys at hand: software signers, openers by certificate. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sealBid } from '../../../src-main/sealing/seal-bid.ts';
import { createSealingMeans } from '../../../src-main/sealing/sealing-means.ts';
import { makeTender, type TenderToMake } from '../../../src-main/sealing/tender-package.ts';
import { openSmEngine } from '../../../src-main/sm-engine/open-engine.ts';
import { opening, signing, sm2Person } from '../../../tools/generators/sealed-bid-vectors/seal-people.ts';
import { random } from '../../token/sm2-fixtures.ts';

export interface ForeignBids {
  readonly folder: string;
  readonly count: number;
  /** Every bid is sealed to these groups. */
  readonly groups: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly opensAt: Date | null;
  readonly documentBytes?: number;
}

/** @returns the paths, in the order of their names */
export async function makeForeignBids({ folder, count, groups, opensAt, documentBytes = 4_096 }: ForeignBids): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const { engine } = openSmEngine();
  const means = createSealingMeans(engine);
  const source = join(folder, '..', 'source.pdf');
  await writeFile(source, new Uint8Array(documentBytes).fill(7));
  const paths: string[] = [];
  for (let n = 1; n <= count; n++) {
    const name = `投标单位${String(n).padStart(2, '0')}`;
    const person = await sm2Person(signing(name, (1_000 + n).toString(16).padStart(4, '0')), engine, random);
    const outPath = join(folder, `${name}.bid`);
    await sealBid({
      suite: 'sm', identity: { bidId: `B-${n}`, tenderId: 'ZB-2026-0088', lot: '一标段', opensAt }, signer: person.signer, outPath, backupPath: null,
      documents: [{ path: source, name: '投标函.pdf', mediaType: 'application/pdf' }, { bytes: new TextEncoder().encode(name), name: '说明.txt', mediaType: 'text/plain' }],
      groups: Object.entries(groups).map(([group, certificates]) => ({ name: group, openers: certificates.map((certificateDer) => ({ certificateDer, revocation: 'unknown' as const, revocationAt: null })) })),
    }, means);
    paths.push(outPath);
  }
  return paths;
}

/** As a forger would make an addendum: the number of the tender is right, the signer is not the tenderer, the opener is the forger's. */
export async function makeForeignTender(path: string, tender: { readonly signer: string; readonly opener: string } & Pick<TenderToMake, 'description' | 'documents'>): Promise<void> {
  const { engine } = openSmEngine();
  const [signer, opener] = [await sm2Person(signing(tender.signer, '0aa1'), engine, random), await sm2Person(opening(tender.opener, '0aa2'), engine, random)];
  await makeTender({ suite: 'sm', signer: signer.signer, description: tender.description, documents: tender.documents, groups: [{ name: 'tenderer', certificates: [opener.certificateDer] }], outPath: path }, createSealingMeans(engine));
}
