/** Keys, certificates, models and orders for the scenes. Nothing of it is real. */
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import type { DriverState, PinState, TokenCertificate, TokenSummary, UkeyModel } from '#shared/contract/desktop/tokens.ts';

const DAY_MS = 86_400_000;
const atDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().replace(/\.\d{3}/, '');

type Profile = Omit<UkeyModel, 'pictureSvg' | 'driverAvailable'> & { picture: string };
const profiles = import.meta.glob<Profile>('../../resources/ukey-models/*.json', { eager: true, import: 'default' });
const pictures = import.meta.glob<string>('../../resources/ukey-models/*.svg', { eager: true, query: '?raw', import: 'default' });

export const MODELS: readonly UkeyModel[] = Object.values(profiles).map(({ id, nameZh, nameEn, vendorZh, vendorEn, interfaces, software, pinRules, picture }) => ({
  id, nameZh, nameEn, vendorZh, vendorEn, interfaces, software, pinRules, driverAvailable: false, pictureSvg: pictures[`../../resources/ukey-models/${picture}`] ?? '',
}));

export const pinOk = (triesLeft: number | null = 10): PinState => ({ status: 'ok', triesLeft, maxTries: triesLeft === null ? null : 10, mustChange: false });

let serials = 0;
const hexSerial = () => (0x4a3f_0000_0000 + ++serials * 7919).toString(16).padStart(32, '7c');

export const COMPANY = '杭州钱塘江北岸综合开发建设投资集团有限责任公司第三工程分公司';

export function certificate(purpose: 'sign' | 'encrypt', containerId: string, holder: string, daysLeft: number): TokenCertificate {
  const serialHex = hexSerial();
  return {
    containerId, purpose,
    subjectCommonName: holder,
    subject: `CN=${holder},OU=工程部,O=${holder},L=杭州市,ST=浙江省,C=CN`,
    issuer: 'CN=标钥演示签发CA,O=标钥演示证书中心,C=CN',
    issuerCommonName: '标钥演示签发CA',
    serialHex,
    notBeforeUtc: atDays(daysLeft - 365), notAfterUtc: atDays(daysLeft),
    sha256Hex: serialHex.repeat(2), keyAlgorithm: 'rsa-2048', hasPrivateKey: purpose === 'sign' ? true : null,
    certificateDer: 'MIIDZzCCAk+gAwIBAgIUJx'.padEnd(800, 'Qm9ndXM0'),
  };
}

export const pair = (containerId: string, holder: string, daysLeft: number) => [certificate('sign', containerId, holder, daysLeft), certificate('encrypt', containerId, holder, daysLeft)];

export function key(serial: string, modelId: string, changes: Partial<TokenSummary> = {}): TokenSummary {
  return {
    ref: { driverId: modelId, serial }, modelId, label: 'BidKey', manufacturer: 'Demo', hardwareModel: modelId, demo: false, pin: pinOk(), certificates: [], freeBytes: null, ...changes,
  };
}

export function driver(modelId: string, status: DriverState['status'], changes: Partial<DriverState> = {}): DriverState {
  const missing = status === 'missing';
  return { driverId: modelId, modelId, libraryPath: missing ? null : `/usr/lib/x86_64-linux-gnu/lib${modelId}.so`, status, errorCode: missing ? 'DRIVER_NOT_FOUND' : null, errorDetails: missing ? { paths: [`/usr/lib/lib${modelId}.so`, `/opt/apps/${modelId}/lib${modelId}.so`] } : {}, restarts: 0, ...changes };
}

/** All models missing, except those named. */
export const drivers = (...present: DriverState[]) => [...present, ...MODELS.filter((model) => !present.some((one) => one.modelId === model.id)).map((model) => driver(model.id, 'missing'))];

export function order(number: number, changes: Partial<PendingWriting> = {}): PendingWriting {
  return {
    requestNumber: `SQ${String(number).padStart(8, '0')}`, requestId: `line-${String(number).padStart(6, '0')}`, orderId: `order-${String(number).padStart(6, '0')}`, orderNumber: `20261120${String(number).padStart(8, '0')}`,
    orderName: '机构数字证书（双证书）', projectName: '浙江省土地使用权网上交易系统', companyName: '杭州示例建设有限公司', kind: 'new-issue', certificateType: 'organisation', keyAlgorithm: 'rsa-2048', years: 1,
    unitPriceFen: 35_000, quantity: 2, remainingQuantity: 2, openQuantity: 0, orderedAtUtc: '2026-11-19T17:05:00Z', codeExpiresAtUtc: '2026-11-27T01:00:00Z', ...changes,
  };
}
