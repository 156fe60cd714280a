/** What the authorities publish, by file name: `<caId>.cer`, `<caId>.crl`, and all chains in one PEM file. */
import { toPem } from '#shared/x509/pem.ts';
import type { Authorities } from '../issuance/authorities.ts';
import type { CertificateAuthority } from '../authority/authority-port.ts';
import { currentCrl, type PublishCrlPorts } from './publish-crl.ts';

/** File name without its ending; null when the ending is another one. */
function nameIn(file: string, ending: string): string | null {
  return file.endsWith(ending) ? file.slice(0, -ending.length) : null;
}

function authorityById(authorities: Authorities, caId: string | null): CertificateAuthority | null {
  return [...authorities.values()].find((authority) => authority.caId === caId) ?? null;
}

/** The issuing CA's certificate under `<caId>.cer`, its root's under `<caId>-root.cer`; null when there is no such CA. */
export function caCertificateByFile(authorities: Authorities, file: string): Buffer | null {
  const name = nameIn(file, '.cer');
  const issuing = authorityById(authorities, name);
  const root = authorityById(authorities, name === null ? null : nameIn(name, '-root'));
  const der = issuing?.chainDer[0] ?? root?.chainDer.at(-1);
  return der === undefined ? null : Buffer.from(der);
}

/** Every authority's chain, issuing CA first, root last. */
export function chainPem(authorities: Authorities): string {
  return [...authorities.values()].flatMap(({ chainDer }) => chainDer.map((der) => toPem('CERTIFICATE', der))).join('');
}

/** The CRL to publish now, the root's under `<caId>-root.crl`; null when there is no such CA. */
export async function crlByFile(ports: PublishCrlPorts & { readonly authorities: Authorities; readonly rootCrls: ReadonlyMap<string, Uint8Array> }, file: string): Promise<Buffer | null> {
  const name = nameIn(file, '.crl');
  const authority = authorityById(ports.authorities, name);
  if (authority !== null) return (await currentCrl(ports, authority)).crlDer;
  const rootCrl = ports.rootCrls.get(nameIn(name ?? '', '-root') ?? '');
  return rootCrl === undefined ? null : Buffer.from(rootCrl);
}
