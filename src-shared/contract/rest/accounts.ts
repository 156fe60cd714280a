/** Accounts and sessions: register, log in, refresh, log out. */
import { Id, Nullable, Secret, Type, UnifiedSocialCreditCode, UtcTime, strictObject, type Static } from '../schema.ts';
import { endpoint } from './endpoint.ts';

export const AccountKind = Type.Union([Type.Literal('person'), Type.Literal('organisation')], { description: '个人 or 机构' });
export const AccountRole = Type.Union([Type.Literal('subscriber'), Type.Literal('staff')]);
const LoginName = Type.String({ minLength: 3, maxLength: 64, pattern: '^[A-Za-z0-9@._+-]+$', description: 'phone number, mail address or name' });
const Password = Secret(128, 'password, 8 to 128 characters');

export const Account = strictObject(
  {
    id: Id('account'),
    loginName: LoginName,
    kind: AccountKind,
    role: AccountRole,
    displayName: Type.String({ minLength: 1, maxLength: 120 }),
    organisationName: Nullable(Type.String({ maxLength: 200 })),
    unifiedSocialCreditCode: Nullable(UnifiedSocialCreditCode),
    phone: Type.String({ pattern: '^\\+?\\d{5,15}$' }),
    createdAtUtc: UtcTime('when registered'),
  },
  { $id: 'Account' },
);
export type Account = Static<typeof Account>;

export const Session = strictObject(
  {
    accessToken: Type.String({ description: 'bearer token for the Authorization header' }),
    accessTokenExpiresAtUtc: UtcTime('end of the access token'),
    refreshToken: Type.String({ description: 'single use; exchanged for a new session' }),
    refreshTokenExpiresAtUtc: UtcTime('end of the refresh token'),
    account: Account,
  },
  { $id: 'Session' },
);
export type Session = Static<typeof Session>;

export const accountEndpoints = {
  registerAccount: endpoint({
    method: 'POST', path: '/v1/accounts', summary: 'Register an account', tag: 'Accounts', access: 'public', status: 201, response: Account,
    body: strictObject({
      loginName: LoginName,
      password: Password,
      kind: AccountKind,
      displayName: Type.String({ minLength: 1, maxLength: 120, description: 'name of the person, or of the one who acts for the organisation' }),
      organisationName: Type.Optional(Type.String({ minLength: 2, maxLength: 200 })),
      unifiedSocialCreditCode: Type.Optional(UnifiedSocialCreditCode),
      phone: Type.String({ pattern: '^\\+?\\d{5,15}$' }),
    }),
    errors: ['ACCOUNT_NAME_TAKEN', 'ACCOUNT_PASSWORD_WEAK', 'ACCOUNT_SUBJECT_INVALID'],
  }),
  createSession: endpoint({
    method: 'POST', path: '/v1/sessions', summary: 'Log in', tag: 'Accounts', access: 'public', status: 201, response: Session,
    body: strictObject({ loginName: LoginName, password: Password }),
    errors: ['LOGIN_FAILED', 'LOGIN_LOCKED'],
  }),
  refreshSession: endpoint({
    method: 'POST', path: '/v1/sessions/refresh', summary: 'Exchange a refresh token for a new session; a token used twice ends the whole session', tag: 'Accounts', access: 'public', status: 201, response: Session,
    body: strictObject({ refreshToken: Secret(256, 'refresh token') }),
    errors: ['SESSION_EXPIRED'],
  }),
  endSession: endpoint({
    method: 'DELETE', path: '/v1/sessions/current', summary: 'Log out', tag: 'Accounts', access: 'account', status: 204, response: null, errors: [],
  }),
  changePassword: endpoint({
    method: 'PUT', path: '/v1/accounts/me/password', summary: 'Change my password; all my other sessions end', tag: 'Accounts', access: 'account', status: 204, response: null,
    body: strictObject({ currentPassword: Password, newPassword: Password }),
    errors: ['ACCOUNT_PASSWORD_WEAK', 'ACCOUNT_PASSWORD_WRONG', 'LOGIN_LOCKED'],
  }),
  getMyAccount: endpoint({
    method: 'GET', path: '/v1/accounts/me', summary: 'The signed-in account', tag: 'Accounts', access: 'account', status: 200, response: Account, errors: [],
  }),
} as const;
