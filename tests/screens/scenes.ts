/** The scenes by name: states of keys, drivers and CA that the screens have to show well. */
import type { Account } from '#shared/contract/rest/accounts.ts';
import type { Scene } from './memory-engine.ts';
import { COMPANY, driver, drivers, key, MODELS, order, pair, pinOk } from './things.ts';

const ACCOUNT: Account = {
  id: 'account-000001', loginName: 'demo', kind: 'organisation', role: 'subscriber', displayName: '王小明', organisationName: '杭州示例建设有限公司', unifiedSocialCreditCode: '91330100MA2ABCDE3X', phone: '13800000000', createdAtUtc: '2026-11-01T00:00:00Z',
};

function base(): Scene {
  return {
    appInfo: { version: '0.1.0', shell: 'local', platform: 'linux', processor: 'x64', demo: true, caBaseUrl: 'http://127.0.0.1:4100', dataFolder: '/home/wang/.local/share/bidkey' },
    caStatus: { reachable: true, info: { name: '标钥演示证书中心', version: '0.1.0', timeUtc: new Date().toISOString(), sandbox: { url: 'http://127.0.0.1:4100/sandbox', demoLogin: { loginName: 'demo', password: 'demo-password' } } }, clockOffsetSeconds: 0, errorCode: null },
    settings: { caBaseUrl: null, language: 'zh-CN', extraDrivers: [] },
    account: ACCOUNT,
    accounts: [{ account: ACCOUNT, password: 'demo-password' }],
    models: MODELS,
    tokens: [key('8f3a2b1c9d0e4f56', 'softhsm2', { demo: true, label: 'BidKey demo', pin: pinOk(null) })],
    drivers: drivers(driver('softhsm2', 'ready')),
    pending: [order(1)],
    deeds: [],
    pin: '246813',
    code: '598983',
    automatic: true,
    failAt: null,
  };
}

const scene = (changes: Partial<Scene>) => (): Scene => ({ ...base(), ...changes });

export const SCENES: Readonly<Record<string, () => Scene>> = {
  'first-day': scene({}),
  'signed-out': scene({ account: null }),
  'by-hand': scene({ automatic: false }),
  'no-key': scene({ tokens: [] }),
  'no-driver': scene({ tokens: [], drivers: drivers() }),
  'wrong-processor': scene({
    tokens: [],
    drivers: drivers(driver('watchdata-watchkey', 'failed', { errorCode: 'DRIVER_WRONG_PROCESSOR', errorDetails: { wanted: 'arm64', found: 'x64' } }), driver('softhsm2', 'ready')),
  }),
  'two-keys': scene({
    tokens: [
      key('GM300020260700118', 'longmai-gm3000', { certificates: pair('aa', COMPANY, 12) }),
      key('GM300020260700254', 'longmai-gm3000'),
    ],
    drivers: drivers(driver('longmai-gm3000', 'ready')),
  }),
  'every-state': scene({
    tokens: [
      key('GM300020260700118', 'longmai-gm3000', { certificates: pair('aa', COMPANY, 5), pin: { status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false } }),
      key('WD2026550012', 'watchdata-watchkey', { certificates: pair('bb', '杭州示例建设有限公司', -3), pin: { status: 'locked', triesLeft: 0, maxTries: 6, mustChange: false } }),
      key('0096E0309A1', 'feitian-epass3000gm', { certificates: [...pair('cc', '李评标', 80), ...pair('cd', '李评标', 20)], pin: { status: 'final-try', triesLeft: 1, maxTries: 6, mustChange: false } }),
      key('8f3a2b1c9d0e4f56', 'softhsm2', { demo: true, label: 'BidKey demo', pin: { status: 'ok', triesLeft: null, maxTries: null, mustChange: true } }),
    ],
    drivers: drivers(driver('longmai-gm3000', 'ready'), driver('watchdata-watchkey', 'ready', { restarts: 2 }), driver('softhsm2', 'ready'), driver('feitian-epass3000gm', 'ready')),
    caStatus: { ...base().caStatus, clockOffsetSeconds: 840 },
  }),
  'few-tries': scene({ tokens: [key('GM300020260700118', 'longmai-gm3000', { pin: { status: 'low', triesLeft: 3, maxTries: 6, mustChange: false } })], drivers: drivers(driver('longmai-gm3000', 'ready')) }),
  'key-with-certificates': scene({ tokens: [key('GM300020260700118', 'longmai-gm3000', { certificates: pair('aa', COMPANY, 200) })], drivers: drivers(driver('longmai-gm3000', 'ready')) }),
  'fails-once': scene({ failAt: { step: 'import-keys', code: 'TOKEN_REMOVED' } }),
  'many-orders': scene({ pending: Array.from({ length: 23 }, (_, index) => order(index + 1, { companyName: index % 2 === 0 ? COMPANY : '杭州示例建设有限公司', quantity: index + 1, remainingQuantity: index + 1, openQuantity: index === 1 ? 1 : 0 })) }),
  'no-orders': scene({ pending: [] }),
  'ca-away': scene({ account: null, caStatus: { reachable: false, info: null, clockOffsetSeconds: null, errorCode: 'CA_UNREACHABLE' } }),
  'ca-not-set': scene({ account: null, appInfo: { ...base().appInfo, demo: false, caBaseUrl: null }, caStatus: { reachable: false, info: null, clockOffsetSeconds: null, errorCode: 'CA_NOT_CONFIGURED' }, tokens: [] }),
  english: scene({ settings: { caBaseUrl: null, language: 'en-US', extraDrivers: [] } }),
  'code-needed': scene({
    pending: [order(1, { remainingQuantity: 1, openQuantity: 1 })],
    deeds: [{
      id: 'deed-77-0001', kind: 'new-issue', plan: 'new-issue', requestNumber: 'SQ0077', pinNeeded: 'pin', state: 'interrupted', step: 'start', token: { driverId: 'softhsm2', serial: '8f3a2b1c9d0e4f56' }, tokenModelId: 'softhsm2', requestId: 'line-000001', orderNumber: '2026112000000001',
      companyName: '杭州示例建设有限公司', projectName: '浙江省土地使用权网上交易系统', cancellable: true, codeNeeded: true, remainingQuantity: 1, error: { code: 'CA_UNREACHABLE', details: { reason: 'connection' }, traceId: '4bf92f3577b34da6' },
      startedAtUtc: '2026-11-20T01:00:00Z', updatedAtUtc: '2026-11-20T01:00:05Z',
      steps: ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete'].map((name, index) => ({ name, state: index === 0 ? 'failed' as const : 'waiting' as const })),
    }],
  }),
  'driver-says': scene({
    pending: [order(1, { remainingQuantity: 1, openQuantity: 1 })],
    deeds: [{
      id: 'deed-78-0001', kind: 'new-issue', plan: 'new-issue', requestNumber: 'SQ0077', pinNeeded: 'pin', state: 'interrupted', step: 'start', token: { driverId: 'softhsm2', serial: '8f3a2b1c9d0e4f56' }, tokenModelId: 'softhsm2', requestId: 'line-000001', orderNumber: '2026112000000001',
      companyName: '杭州示例建设有限公司', projectName: '浙江省土地使用权网上交易系统', cancellable: true, codeNeeded: false, remainingQuantity: 1, error: { code: 'DRIVER_FUNCTION_FAILED', details: { functionName: 'SKF_ImportECCKeyPair', returnCode: 'SAR_INDATAERR', returnNumber: '0x0a000011' } },
      startedAtUtc: '2026-11-20T01:00:00Z', updatedAtUtc: '2026-11-20T01:00:05Z',
      steps: ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete'].map((name, index) => ({ name, state: index === 0 ? 'failed' as const : 'waiting' as const })),
    }],
  }),
};
