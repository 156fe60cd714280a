/** Every endpoint of the contract and its route, in the contract's order. A row that is missing does not compile. */
import type { CaEndpointName } from '#shared/contract/rest/ca-contract.ts';
import type { Route } from '../http/route.ts';
import { acceptRiskNoticeRoute } from './accept-risk-notice.ts';
import { addMaterialRoute } from './add-material.ts';
import { approveRecoveryRoute } from './approve-recovery.ts';
import { approveRequestRoute } from './approve-request.ts';
import { cancelIssuanceRoute } from './cancel-issuance.ts';
import { cancelOrderRoute } from './cancel-order.ts';
import { cancelRequestRoute } from './cancel-request.ts';
import { cancelRequestByStaffRoute } from './cancel-request-by-staff.ts';
import { changePasswordRoute } from './change-password.ts';
import { claimRequestRoute } from './claim-request.ts';
import { completeIssuanceRoute } from './complete-issuance.ts';
import { completeKeyRecoveryRoute } from './complete-key-recovery.ts';
import { completeUnlockRoute } from './complete-unlock.ts';
import { confirmAdministratorPinRoute } from './confirm-administrator-pin.ts';
import { confirmRequestByCodeRoute } from './confirm-request-by-code.ts';
import { confirmRequestByKeyRoute } from './confirm-request-by-key.ts';
import { createBindingRoute } from './create-binding.ts';
import { createBindingChallengeRoute } from './create-binding-challenge.ts';
import { createCertificateSessionRoute } from './create-certificate-session.ts';
import { createLoginChallengeRoute } from './create-login-challenge.ts';
import { createOrderRoute } from './create-order.ts';
import { createRequestRoute } from './create-request.ts';
import { createRequestChallengeRoute } from './create-request-challenge.ts';
import { createSessionRoute } from './create-session.ts';
import { decideSandboxPaymentRoute } from './decide-sandbox-payment.ts';
import { depositAdministratorPinRoute } from './deposit-administrator-pin.ts';
import { endSessionRoute } from './end-session.ts';
import { getAdministratorPinStateRoute } from './get-administrator-pin-state.ts';
import { getCertificateRoute } from './get-certificate.ts';
import { getIssuanceRoute } from './get-issuance.ts';
import { getKeyRecoveryRoute } from './get-key-recovery.ts';
import { getMaterialRoute } from './get-material.ts';
import { getMyAccountRoute } from './get-my-account.ts';
import { getOrderRoute } from './get-order.ts';
import { getRequestRoute } from './get-request.ts';
import { getReviewRequestRoute } from './get-review-request.ts';
import { getServiceInfoRoute } from './get-service-info.ts';
import { listAuditRoute } from './list-audit.ts';
import { listBindingsRoute } from './list-bindings.ts';
import { listOpenIssuancesRoute } from './list-open-issuances.ts';
import { listOrdersRoute } from './list-orders.ts';
import { listPendingWritingsRoute } from './list-pending-writings.ts';
import { listProjectsRoute } from './list-projects.ts';
import { listRequestsRoute } from './list-requests.ts';
import { listReviewRequestsRoute } from './list-review-requests.ts';
import { listSandboxMessagesRoute } from './list-sandbox-messages.ts';
import { listSandboxPaymentsRoute } from './list-sandbox-payments.ts';
import { listTrustedCasRoute } from './list-trusted-cas.ts';
import { putTrustedCaRoute } from './put-trusted-ca.ts';
import { putTrustedCaCrlRoute } from './put-trusted-ca-crl.ts';
import { refreshSessionRoute } from './refresh-session.ts';
import { registerAccountRoute } from './register-account.ts';
import { rejectRequestRoute } from './reject-request.ts';
import { releaseAdministratorPinRoute } from './release-administrator-pin.ts';
import { releaseCertificateRoute } from './release-certificate.ts';
import { releaseRequestClaimRoute } from './release-request-claim.ts';
import { removeBindingRoute } from './remove-binding.ts';
import { removeMaterialRoute } from './remove-material.ts';
import { resendAuthorizationCodeRoute } from './resend-authorization-code.ts';
import { restoreKeyOnIssuanceRoute } from './restore-key-on-issuance.ts';
import { restoreKeyOnRequestRoute } from './restore-key-on-request.ts';
import { revokeCertificateRoute } from './revoke-certificate.ts';
import { searchCertificatesRoute } from './search-certificates.ts';
import { startIssuanceRoute } from './start-issuance.ts';
import { startKeyRecoveryRoute } from './start-key-recovery.ts';
import { startPaymentRoute } from './start-payment.ts';
import { submitCsrRoute } from './submit-csr.ts';
import { submitRequestRoute } from './submit-request.ts';
import { suspendCertificateRoute } from './suspend-certificate.ts';
import { updateRequestRoute } from './update-request.ts';
import { verifyAuditRoute } from './verify-audit.ts';
import { withdrawRequestRoute } from './withdraw-request.ts';

export const ROUTES = {
  registerAccount: registerAccountRoute,
  createSession: createSessionRoute,
  refreshSession: refreshSessionRoute,
  endSession: endSessionRoute,
  changePassword: changePasswordRoute,
  getMyAccount: getMyAccountRoute,
  listProjects: listProjectsRoute,
  createOrder: createOrderRoute,
  listOrders: listOrdersRoute,
  getOrder: getOrderRoute,
  startPayment: startPaymentRoute,
  cancelOrder: cancelOrderRoute,
  listPendingWritings: listPendingWritingsRoute,
  resendAuthorizationCode: resendAuthorizationCodeRoute,
  createRequest: createRequestRoute,
  listRequests: listRequestsRoute,
  getRequest: getRequestRoute,
  updateRequest: updateRequestRoute,
  submitRequest: submitRequestRoute,
  withdrawRequest: withdrawRequestRoute,
  cancelRequest: cancelRequestRoute,
  addMaterial: addMaterialRoute,
  getMaterial: getMaterialRoute,
  removeMaterial: removeMaterialRoute,
  acceptRiskNotice: acceptRiskNoticeRoute,
  listReviewRequests: listReviewRequestsRoute,
  getReviewRequest: getReviewRequestRoute,
  claimRequest: claimRequestRoute,
  releaseRequestClaim: releaseRequestClaimRoute,
  approveRequest: approveRequestRoute,
  rejectRequest: rejectRequestRoute,
  cancelRequestByStaff: cancelRequestByStaffRoute,
  approveRecovery: approveRecoveryRoute,
  startIssuance: startIssuanceRoute,
  listOpenIssuances: listOpenIssuancesRoute,
  getIssuance: getIssuanceRoute,
  submitCsr: submitCsrRoute,
  completeIssuance: completeIssuanceRoute,
  cancelIssuance: cancelIssuanceRoute,
  searchCertificates: searchCertificatesRoute,
  getCertificate: getCertificateRoute,
  revokeCertificate: revokeCertificateRoute,
  suspendCertificate: suspendCertificateRoute,
  releaseCertificate: releaseCertificateRoute,
  createBindingChallenge: createBindingChallengeRoute,
  createBinding: createBindingRoute,
  listBindings: listBindingsRoute,
  removeBinding: removeBindingRoute,
  createLoginChallenge: createLoginChallengeRoute,
  createCertificateSession: createCertificateSessionRoute,
  listTrustedCas: listTrustedCasRoute,
  putTrustedCa: putTrustedCaRoute,
  putTrustedCaCrl: putTrustedCaCrlRoute,
  createRequestChallenge: createRequestChallengeRoute,
  confirmRequestByKey: confirmRequestByKeyRoute,
  confirmRequestByCode: confirmRequestByCodeRoute,
  getAdministratorPinState: getAdministratorPinStateRoute,
  depositAdministratorPin: depositAdministratorPinRoute,
  confirmAdministratorPin: confirmAdministratorPinRoute,
  releaseAdministratorPin: releaseAdministratorPinRoute,
  completeUnlock: completeUnlockRoute,
  restoreKeyOnIssuance: restoreKeyOnIssuanceRoute,
  startKeyRecovery: startKeyRecoveryRoute,
  getKeyRecovery: getKeyRecoveryRoute,
  restoreKeyOnRequest: restoreKeyOnRequestRoute,
  completeKeyRecovery: completeKeyRecoveryRoute,
  getServiceInfo: getServiceInfoRoute,
  listAudit: listAuditRoute,
  verifyAudit: verifyAuditRoute,
  listSandboxMessages: listSandboxMessagesRoute,
  listSandboxPayments: listSandboxPaymentsRoute,
  decideSandboxPayment: decideSandboxPaymentRoute,
} as const satisfies Record<CaEndpointName, Route>;
