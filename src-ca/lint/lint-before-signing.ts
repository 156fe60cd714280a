/**
 * Lint before signing: what would be signed is signed with a throw-away key first, parsed again from those octets and checked by every rule. Only a
 * structure without findings reaches the real key, because a signed mistake cannot be called back.
 */
import type { SignAlgorithmId } from '#shared/crypto/algorithms.ts';
import { inSlices } from '#shared/asn1/slices.ts';
import { AppError, type ErrorData } from '#shared/errors/app-error.ts';
import { parseCertificate, signCertificate, type Certificate, type CertificateContent } from '#shared/x509/certificate.ts';
import { parseCrlInSlices } from '#shared/x509/certificate-revocation-list.ts';
import { assembleSigned } from '#shared/x509/signed-structure.ts';
import type { Signer } from '../authority/authority-port.ts';
import { nextTurn } from '../next-turn.ts';
import type { CertificateProfile } from '../authority/certificate-profile.ts';
import { CERTIFICATE_RULES } from './certificate-rules.ts';
import { CRL_RULES } from './crl-rules.ts';
import { runRules, type LintFinding } from './lint-rule.ts';

export interface CertificateDraft {
  readonly content: CertificateContent;
  readonly profile: CertificateProfile;
}

/**
 * Checks drafts that will be signed together; two drafts are the two certificates of a pair.
 * @param issuer the certificate whose key will sign; null when the draft is a root
 * @throws CERTIFICATE_LINT with the rules that are broken
 */
export async function lintCertificates(drafts: readonly CertificateDraft[], issuer: Certificate | null, throwAway: Signer): Promise<void> {
  const parsed = await Promise.all(drafts.map(async ({ content }) => parseAgain(await signCertificate(content, (message) => throwAway.sign(message)))));
  const findings = drafts.flatMap(({ profile }, index) => {
    const certificate = parsed[index] as Certificate;
    const sibling = parsed.length === 2 ? (parsed[1 - index] as Certificate) : null;
    return runRules(CERTIFICATE_RULES, { certificate, profile, issuer: issuer ?? certificate, sibling }, certificate.notBefore.date);
  });
  refuseFindings('CERTIFICATE_LINT', findings);
}

/** @param tbsDer the very octets that would be signed: a list may be long, and is built once. @throws CRL_LINT */
export async function lintCrl(tbsDer: Uint8Array, signAlgorithm: SignAlgorithmId, issuer: Certificate, throwAway: Signer): Promise<void> {
  const crl = await inSlices(parseCrlInSlices(assembleSigned(tbsDer, signAlgorithm, await throwAway.sign(tbsDer))), nextTurn);
  refuseFindings('CRL_LINT', runRules(CRL_RULES, { crl, issuer }, crl.thisUpdate.date));
}

/** What does not even parse breaks a rule, too. */
function parseAgain(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch (thrown) {
    throw thrown instanceof AppError ? new AppError('CERTIFICATE_LINT', { rules: [`parse: ${String(thrown.details.reason ?? thrown.code)}`] }, thrown) : thrown;
  }
}

function refuseFindings(code: Extract<ErrorData['code'], 'CERTIFICATE_LINT' | 'CRL_LINT'>, findings: readonly LintFinding[]): void {
  if (findings.length > 0) throw new AppError(code, { rules: findings.map((finding) => `${finding.ruleId}: ${finding.problem} (${finding.clause})`) });
}
