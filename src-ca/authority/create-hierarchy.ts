/** A new hierarchy: root (self-signed), issuing CA, and the root's first revocation list. All of them linted like any other certificate. */
import { assert } from '#shared/errors/assert.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import type { Certificate } from '#shared/x509/certificate.ts';
import { buildName } from '#shared/x509/name.ts';
import type { Signer } from './authority-port.ts';
import { CERTIFICATE_PROFILES } from './certificate-profile.ts';
import { crlContent } from './certificate-authority.ts';
import { profileExtensions } from './profile-extensions.ts';
import { newSerialHex } from './serial-number.ts';
import { signCertificates, signCrlChecked } from './sign-checked.ts';
import { endOfYears } from './validity.ts';

export interface AuthorityNames {
  readonly organisation: string;
  readonly rootCommonName: string;
  readonly issuingCommonName: string;
}

/** Addresses that go into certificates. Those of the root stand in the issuing CA's certificate, the others in subscribers'. */
export interface AuthorityUrls {
  readonly crl: string;
  readonly issuingCertificate: string;
  readonly rootCrl: string;
  readonly rootCertificate: string;
  readonly practiceStatement: string | null;
}

export interface HierarchyInput {
  readonly names: AuthorityNames;
  readonly urls: AuthorityUrls;
  readonly rootSigner: Signer;
  readonly issuingSigner: Signer;
  readonly throwAway: Signer;
  readonly crypto: CryptoPort;
  readonly now: Date;
}

// So that a subscriber whose clock is behind, or a certificate dated back a little, is still inside.
const BACKDATED_MS = 24 * 3600 * 1000;
const ROOT_CRL_MS = 365 * 24 * 3600 * 1000;

/** @throws NAME_INVALID, CERTIFICATE_LINT, CRL_LINT, SIGNER_FAILED */
export async function createHierarchy(input: HierarchyInput): Promise<{ root: Certificate; issuing: Certificate; rootCrlDer: Uint8Array }> {
  const { names, urls, rootSigner, issuingSigner, crypto } = input;
  const means = { signer: rootSigner, throwAway: input.throwAway, crypto };
  const notBefore = new Date(Math.floor((input.now.getTime() - BACKDATED_MS) / 1000) * 1000);
  const rootName = caName(names.organisation, names.rootCommonName);
  const draft = (profileId: 'root' | 'issuing-ca', subjectDer: Uint8Array, publicKeySpkiDer: Uint8Array) => {
    const profile = CERTIFICATE_PROFILES[profileId];
    const addresses = { crl: urls.rootCrl, issuerCertificate: urls.rootCertificate, practiceStatement: urls.practiceStatement };
    const extensions = profileExtensions(profile, { publicKeySpkiDer, issuerPublicKeySpkiDer: rootSigner.publicKeySpkiDer, addresses, identity: [] });
    return { profile, content: { serialHex: newSerialHex(crypto), signAlgorithm: rootSigner.signAlgorithm, issuerDer: rootName, notBefore, notAfter: endOfYears(notBefore, profile.maxYears), subjectDer, publicKeySpkiDer, extensions } };
  };
  const [root] = await signCertificates([draft('root', rootName, rootSigner.publicKeySpkiDer)], null, means);
  assert(root, 'root certificate');
  const [issuing] = await signCertificates([draft('issuing-ca', caName(names.organisation, names.issuingCommonName), issuingSigner.publicKeySpkiDer)], root, means);
  assert(issuing, 'issuing certificate');
  return { root, issuing, rootCrlDer: await signRootCrl({ ...means, root, number: 1n, now: input.now }) };
}

/** The root revokes nothing but an issuing CA; its list is good for a year. @throws CRL_LINT, SIGNER_FAILED */
export function signRootCrl(input: { readonly signer: Signer; readonly throwAway: Signer; readonly crypto: CryptoPort; readonly root: Certificate; readonly number: bigint; readonly now: Date }): Promise<Uint8Array> {
  const content = crlContent({ number: input.number, thisUpdate: input.now, nextUpdate: new Date(input.now.getTime() + ROOT_CRL_MS), entries: [] }, input.root, input);
  return signCrlChecked(content, input.root, input);
}

function caName(organisation: string, commonName: string): Uint8Array {
  return buildName([{ type: 'countryName', value: 'CN' }, { type: 'organizationName', value: organisation }, { type: 'commonName', value: commonName }]);
}
