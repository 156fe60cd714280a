/** What the audit log can say. A new event is a row here. Details carry ids, counts and states; never a password, code, token or key. */
export const AUDIT_EVENTS = {
  'service.first-start': 'The service made its secrets and its certificate authorities.',
  'account.registered': 'An account was registered.',
  'account.login': 'An account logged in.',
  'account.login-refused': 'A log-in was refused; whether the name exists is not said.',
  'session.ended': 'An account logged out.',
  'session.reuse-detected': 'A refresh token came a second time; its session was ended.',
  'order.created': 'An order was placed.',
  'order.cancelled': 'An order that was not paid was cancelled.',
  'payment.started': 'A payment was started.',
  'payment.paid': 'A payment was confirmed; its order is paid.',
  'payment.refused': 'A payment was given up.',
  'code.sent': 'An authorization code was made and sent.',
  'code.wrong': 'An authorization code was tried wrongly.',
  'issuance.started': 'An authorization code was spent on a key.',
  'issuance.intent': 'Serial numbers were fixed for what is about to be signed.',
  'issuance.intent-abandoned': 'An intent never became a pair; its serial numbers are not used again.',
  'issuance.certified': 'Both certificates were signed and stored with the escrowed key.',
  'issuance.completed': 'The new keys were proven on the token; the pair is active.',
  'issuance.cancelled': 'An issuance was given up; its certificates are revoked, its use of the code came back.',
  'crl.signed': 'A certificate revocation list was signed.',
} as const;

export type AuditEvent = keyof typeof AUDIT_EVENTS;
