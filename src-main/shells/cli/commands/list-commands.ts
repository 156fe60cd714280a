/** Commands that only show something: keys, models, orders, unfinished writings, state, report. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { requireSignIn } from '../ask.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { stepName } from '../follow-deed.ts';

export async function listKeys(context: CommandContext, options: { rescan?: boolean }): Promise<CommandResult> {
  const { engine, say } = context;
  const list = await engine.call(options.rescan === true ? 'tokens.rescan' : 'tokens.list', undefined);
  // A driver that is not installed is no news; one that is there and fails is.
  const failures = list.drivers.filter(({ status }) => status === 'failed').map(({ driverId, errorCode }) => say('driverMissing', { driver: driverId, code: errorCode ?? '' }));
  const keys = list.tokens.flatMap((token) => [...keyLines(context, token), '']);
  return { value: list, lines: [...(keys.length > 0 ? keys : [say('noKeys')]), ...failures] };
}

function keyLines({ say }: CommandContext, token: TokenSummary): string[] {
  const tries = token.pin.triesLeft === null ? '' : ` · ${say('triesLeft', { tries: token.pin.triesLeft })}`;
  return [
    `${token.label}${token.demo ? ` [${say('demo')}]` : ''}`,
    `  ${say('serial')}: ${token.ref.serial}`,
    `  ${say('model')}: ${token.modelId ?? token.hardwareModel} (${token.ref.driverId})`,
    `  ${say('pin')}: ${say(`pinStatus-${token.pin.status}`)}${tries}`,
    ...token.certificates.map((certificate) => `  ${say(`purpose-${certificate.purpose}`)}: ${certificate.subjectCommonName} · ${say('validUntil')} ${certificate.notAfterUtc} · ${certificate.sha256Hex.slice(0, 16)}`),
  ];
}

export async function listModels({ engine, language, say }: CommandContext): Promise<CommandResult> {
  const models = await engine.call('ukeyModels.list', undefined);
  const lines = models.map((model) => `${model.driverAvailable ? '✓' : '·'} ${model.id}  ${language === 'zh-CN' ? model.nameZh : model.nameEn}`);
  // The pictures are drawings for screens.
  return { value: models.map(({ pictureSvg: _picture, ...model }) => model), lines: lines.length > 0 ? lines : [say('none')] };
}

export async function listOrders(context: CommandContext): Promise<CommandResult> {
  await requireSignIn(context);
  const items = await allPendingWritings(context);
  return { value: items, lines: items.length === 0 ? [context.say('none')] : items.flatMap((item) => [...pendingLines(context, item), '']) };
}

export async function allPendingWritings({ engine }: CommandContext): Promise<PendingWriting[]> {
  const items: PendingWriting[] = [];
  let after: string | undefined;
  do {
    const page = await engine.call('orders.listPendingWritings', after === undefined ? { limit: 100 } : { limit: 100, after });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}

const pendingLines = ({ say }: CommandContext, item: PendingWriting): string[] => [
  `${say('order')}: ${item.orderNumber}`,
  `  ${say('orderName')}: ${item.orderName}`,
  `  ${say('project')}: ${item.projectName}`,
  `  ${say('company')}: ${item.companyName}`,
  `  ${say('remaining')}: ${item.remainingQuantity}`,
  ...(item.codeExpiresAtUtc === null ? [] : [`  ${say('codeExpires')}: ${item.codeExpiresAtUtc}`]),
];

export async function listDeeds(context: CommandContext): Promise<CommandResult> {
  const deeds = await context.engine.call('writing.listUnfinished', undefined);
  return { value: deeds, lines: deeds.length === 0 ? [context.say('none')] : deeds.flatMap((deed) => [...deedLines(context, deed), '']) };
}

export const deedLines = ({ say }: CommandContext, deed: Deed): string[] => [
  `${say('deed')}: ${deed.id}`,
  `  ${say('state')}: ${say(`state-${deed.state}`)}`,
  `  ${say('step')}: ${stepName(deed.step, say)}`,
  `  ${say('order')}: ${deed.orderNumber} · ${deed.companyName}`,
  `  ${say('serial')}: ${deed.token.serial}`,
  ...(deed.error === null ? [] : [`  ${say('errorCode')}${deed.error.code}`]),
];

export async function showInfo({ engine, say }: CommandContext): Promise<CommandResult> {
  const [info, ca] = await Promise.all([engine.call('app.info', undefined), engine.call('app.caStatus', undefined)]);
  const caState = ca.reachable ? say('reachable') : `${say('unreachable')} (${ca.errorCode ?? ''})`;
  const lines = [
    `BidKey ${info.version}${info.demo ? ` [${say('demo')}]` : ''}`,
    `${say('shell')}: ${info.shell}`,
    `${say('platform')}: ${info.platform} ${info.processor}`,
    `${say('caService')}: ${info.caBaseUrl ?? '-'} · ${caState}`,
    `${say('dataFolder')}: ${info.dataFolder}`,
  ];
  return { value: { info, ca }, lines };
}

export async function showReport({ engine }: CommandContext): Promise<CommandResult> {
  const report = await engine.call('app.report', { errorCode: null, traceId: null, page: 'cli' });
  return { value: report, lines: [report.text] };
}
