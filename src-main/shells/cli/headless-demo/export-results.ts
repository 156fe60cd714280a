/** The results of the demo as files that any tool reads. Chain and CRLs are fetched from the addresses that stand in the certificates, as a stranger would. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { TokenCertificate } from '#shared/contract/desktop/tokens.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { AUTHORITY_INFO_ACCESS } from '#shared/x509/extensions/authority-info-access.ts';
import { CRL_DISTRIBUTION_POINTS } from '#shared/x509/extensions/crl-distribution-points.ts';
import { toPem, type PemLabel } from '#shared/x509/pem.ts';
import type { DemoKey } from '../../../demo/demo-key.ts';

export interface WrittenKey {
  readonly deed: Deed;
  readonly label: string;
  /** Read back from the key. */
  readonly certificates?: readonly TokenCertificate[];
}

/** One key's part of the results. */
export interface KeyResults {
  readonly csrDer: Uint8Array;
  readonly signDer: Uint8Array;
  readonly encryptDer: Uint8Array;
}

export interface DemoResults {
  readonly keys: readonly KeyResults[];
  /** Issuing CA first, root last. */
  readonly chainDer: readonly Uint8Array[];
  readonly crlsDer: readonly Uint8Array[];
  readonly files: readonly string[];
}

export async function exportResults(input: { folder: string; demoKey: DemoKey; written: readonly WrittenKey[]; requests: readonly Uint8Array[] }): Promise<DemoResults> {
  const keys = input.written.map((one, index) => keyResults(one, input.requests[index]));
  const first = keys[0];
  if (!first) throw new AppError('NOT_FOUND', { what: 'written key' });
  const chain = await fetchChain(parseCertificate(first.signDer));
  const crlsDer = await fetchCrls([parseCertificate(first.signDer), ...chain]);
  const chainDer = chain.map((one) => one.der);
  const files: string[] = [];
  const write = (name: string, text: string, mode = 0o644) => {
    const path = join(input.folder, name);
    writeFileSync(path, text, { mode });
    chmodSync(path, mode);
    files.push(path);
  };
  const pem = (label: PemLabel, ders: readonly Uint8Array[]) => ders.map((der) => toPem(label, der)).join('');
  for (const [index, key] of keys.entries()) {
    const suffix = index === 0 ? '' : `-${index + 1}`;
    write(`csr-sign${suffix}.pem`, pem('CERTIFICATE REQUEST', [key.csrDer]));
    write(`sign${suffix}.pem`, pem('CERTIFICATE', [key.signDer]));
    write(`enc${suffix}.pem`, pem('CERTIFICATE', [key.encryptDer]));
  }
  write('chain.pem', pem('CERTIFICATE', chainDer));
  write('root.pem', pem('CERTIFICATE', chainDer.slice(-1)));
  write('crl.pem', pem('X509 CRL', crlsDer));
  write('pin.txt', `${input.demoKey.pin}\n`, 0o600);
  write('token.json', `${JSON.stringify(tokenFile(input.folder, input.demoKey, input.written), null, 2)}\n`);
  return { keys, chainDer, crlsDer, files };
}

function keyResults(written: WrittenKey, csrDer: Uint8Array | undefined): KeyResults {
  const only = (purpose: TokenCertificate['purpose']) => {
    const found = written.certificates?.filter((one) => one.purpose === purpose) ?? [];
    if (found.length !== 1 || !found[0]) throw new AppError('CONTAINER_NOT_FOUND', { purpose, found: found.length });
    return fromBase64(found[0].certificateDer);
  };
  if (!csrDer) throw new AppError('NOT_FOUND', { what: 'certification request' });
  return { csrDer, signDer: only('sign'), encryptDer: only('encrypt') };
}

/** What somebody needs to reach the keys with a tool of theirs. The first key stands at the top; all of them in `tokens`. */
function tokenFile(folder: string, demoKey: DemoKey, written: readonly WrittenKey[]): Record<string, unknown> {
  const tokens = written.map((one) => ({ slotLabel: one.label, serial: one.deed.token.serial }));
  return { modulePath: demoKey.driver.libraryPath, environment: demoKey.driver.environment, ...tokens[0], pinFile: join(folder, 'pin.txt'), tokens };
}

/** By the addresses of the issuers (authority information access) up to the self-issued root. */
async function fetchChain(leaf: Certificate): Promise<Certificate[]> {
  const chain: Certificate[] = [];
  for (let last = leaf; !equalBytes(last.subject.der, last.issuer.der) && chain.length < 5; last = chain.at(-1) ?? last) {
    const address = findExtension(last.extensions, AUTHORITY_INFO_ACCESS)?.value.caIssuers[0];
    if (address === undefined) throw new AppError('ISSUED_PAIR_INVALID', { reason: 'no address of the issuer' });
    chain.push(parseCertificate(await fetchBytes(address)));
  }
  return chain;
}

async function fetchCrls(certificates: readonly Certificate[]): Promise<Uint8Array[]> {
  const addresses = certificates.flatMap((one) => findExtension(one.extensions, CRL_DISTRIBUTION_POINTS)?.value.slice(0, 1) ?? []);
  return Promise.all([...new Set(addresses)].map(fetchBytes));
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new AppError('CA_ANSWER_INVALID', { address, status: answer.status });
  return new Uint8Array(await answer.arrayBuffer());
}
