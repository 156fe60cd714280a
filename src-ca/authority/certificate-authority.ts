/** The issuing CA: dual certificates and revocation lists, as `CertificateAuthority` of the port. Stores nothing. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import type { CrlContent, RevokedCertificate } from '#shared/x509/certificate-revocation-list.ts';
import { makeExtension } from '#shared/x509/extension.ts';
import { AUTHORITY_KEY_IDENTIFIER } from '#shared/x509/extensions/authority-key-identifier.ts';
import { CRL_NUMBER } from '#shared/x509/extensions/crl-number.ts';
import { isRevocationReason } from '#shared/x509/extensions/reason-code.ts';
import { keyIdentifierOf } from '#shared/x509/public-key-info.ts';
import type { CertificateDraft } from '../lint/lint-before-signing.ts';
import type { CertificateAuthority, CrlEntry, DualCertificateOrder } from './authority-port.ts';
import { CERTIFICATE_PROFILES, type CertificateProfiles, type ProfileId } from './certificate-profile.ts';
import { checkCsr } from './check-csr.ts';
import { profileExtensions, type ProfileAddresses } from './profile-extensions.ts';
import { newSerialHex } from './serial-number.ts';
import { signCertificates, signCrlChecked, type SigningMeans } from './sign-checked.ts';
import { buildSubjectName, identityExtensions } from './subject-name.ts';
import { endOfYears } from './validity.ts';

export interface AuthorityParts {
  readonly caId: string;
  readonly keyAlgorithm: KeyAlgorithm;
  /** Issuing CA first, root last. */
  readonly chainDer: readonly Uint8Array[];
  readonly addresses: ProfileAddresses;
  readonly means: SigningMeans;
  readonly profiles?: CertificateProfiles;
}

export function createCertificateAuthority(parts: AuthorityParts): CertificateAuthority {
  const { caId, keyAlgorithm, chainDer, means } = parts;
  const issuer = parseCertificate(chainDer[0] ?? new Uint8Array(0));
  return {
    caId,
    keyAlgorithm,
    chainDer,
    newSerialHex: () => newSerialHex(means.crypto),
    subjectNameDer: buildSubjectName,
    checkCsr: (csrDer, expectedSubjectDer) => checkCsr(csrDer, expectedSubjectDer, keyAlgorithm, means.crypto),
    issueDualCertificates: (order) => issueDualCertificates(order, issuer, parts),
    signCrl: async ({ number, thisUpdate, nextUpdate, entries }) =>
      signCrlChecked(crlContent({ number, thisUpdate, nextUpdate, entries: entries.map(revokedCertificate) }, issuer, means), issuer, means),
    verifySubscriberSignature: (publicKeySpkiDer, message, signature) => means.crypto.verify(KEY_ALGORITHMS[keyAlgorithm].sign, publicKeySpkiDer, message, signature),
    encryptToSubscriber: (publicKeySpkiDer, plaintext) => means.crypto.encrypt(KEY_ALGORITHMS[keyAlgorithm].encrypt, publicKeySpkiDer, plaintext),
  };
}

async function issueDualCertificates(order: DualCertificateOrder, issuer: Certificate, parts: AuthorityParts): Promise<{ signCertificateDer: Uint8Array; encryptCertificateDer: Uint8Array; notAfter: Date }> {
  checkOrder(order);
  const drafts = [
    subscriberDraft('subscriber-sign', order.signSerialHex, order.signPublicKeySpkiDer, order, issuer, parts),
    subscriberDraft('subscriber-encrypt', order.encryptSerialHex, order.encryptPublicKeySpkiDer, order, issuer, parts),
  ];
  const [sign, encrypt] = await signCertificates(drafts, issuer, parts.means);
  assert(sign && encrypt, 'two certificates for two drafts');
  return { signCertificateDer: sign.der, encryptCertificateDer: encrypt.der, notAfter: sign.notAfter.date };
}

/** An organisation is known by its credit code, a person by the identity number. @throws ACCOUNT_SUBJECT_INVALID */
function checkOrder({ certificateType, subject }: DualCertificateOrder): void {
  const field = certificateType === 'organisation' ? 'unifiedSocialCreditCode' : 'identityNumber';
  if (subject[field] === null) throw new AppError('ACCOUNT_SUBJECT_INVALID', { field, reason: 'missing' });
}

function subscriberDraft(profileId: ProfileId, serialHex: string, publicKeySpkiDer: Uint8Array, order: DualCertificateOrder, issuer: Certificate, parts: AuthorityParts): CertificateDraft {
  const profile = (parts.profiles ?? CERTIFICATE_PROFILES)[profileId];
  return {
    profile,
    content: {
      serialHex,
      signAlgorithm: parts.means.signer.signAlgorithm,
      issuerDer: issuer.subject.der,
      notBefore: order.notBefore,
      notAfter: order.notAfter ?? endOfYears(order.notBefore, order.years),
      subjectDer: buildSubjectName(order.subject),
      publicKeySpkiDer,
      extensions: profileExtensions(profile, { publicKeySpkiDer, issuerPublicKeySpkiDer: issuer.publicKeySpkiDer, addresses: parts.addresses, identity: identityExtensions(order.subject) }),
    },
  };
}

/** Complete list of the issuer: key identifier and number, as RFC 5280 §5.2 demands. */
export function crlContent(list: Pick<CrlContent, 'thisUpdate' | 'nextUpdate' | 'entries'> & { readonly number: bigint }, issuer: Certificate, means: SigningMeans): CrlContent {
  return {
    signAlgorithm: means.signer.signAlgorithm,
    issuerDer: issuer.subject.der,
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    entries: list.entries,
    extensions: [
      makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(issuer.publicKeySpkiDer) }, { critical: false }),
      makeExtension(CRL_NUMBER, list.number, { critical: false }),
    ],
  };
}

/** @throws INPUT_INVALID for a reason that RFC 5280 does not have */
function revokedCertificate({ serialHex, revokedAt, reason }: CrlEntry): RevokedCertificate {
  if (!isRevocationReason(reason)) throw new AppError('INPUT_INVALID', { field: 'reason' });
  return { serialHex, revokedAt, reason };
}
