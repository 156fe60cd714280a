/** Names of the demo: every one says that it is a demo, because what it certifies proves nothing. */
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';

export const DEMO_LOGIN_NAME = 'demo';
export const DEMO_STAFF_LOGIN_NAME = 'demo-staff';
/** Bringing a key back out of escrow takes two. */
export const DEMO_SECOND_STAFF_LOGIN_NAME = 'demo-staff-2';
export const DEMO_PHONE = '13800000000';
export const DEMO_ORGANISATION = '演示建设工程有限公司';
/** Valid in form, and spells that it is none: only its check digit is computed. */
export const DEMO_UNIFIED_SOCIAL_CREDIT_CODE_BODY = '91330000DEM0XXXX0';
export const DEMO_ORDER_QUANTITY = 2;

export function demoSubject(unifiedSocialCreditCode: string): CertificateSubject {
  return { commonName: DEMO_ORGANISATION, organisationName: DEMO_ORGANISATION, unifiedSocialCreditCode, identityNumber: null, handlerName: '王小标', province: '浙江省', locality: '杭州市' };
}
