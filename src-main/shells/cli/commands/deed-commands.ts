/** Commands that carry a certificate through its life on a key: renewal, change, unlock, reissue, key recovery. Each does the next step of its request (request-steps.ts). */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { KeyCertificate } from '#shared/contract/desktop/requests.ts';
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import { SUBJECT_FIELDS, type CertificateSubject, type SubjectField } from '#shared/contract/rest/orders.ts';
import type { Request, RequestDraft } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { askNewPin, requireSignIn } from '../ask.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { findKey } from '../find-key.ts';
import { followDeed } from '../follow-deed.ts';
import { askLedger, fewTries, findOpenRequest, pursue, reasonOf, takeKey, type KeyInHand, type RequestOptions } from './request-steps.ts';
import { finished } from './write-commands.ts';

export interface DeedOptions extends RequestOptions {
  readonly key: string;
  readonly model?: string;
  /** Serial number of the signing certificate, when the key has several. */
  readonly certificate?: string;
}

export interface RenewOptions extends DeedOptions {
  readonly years?: number;
  readonly sameKeys?: boolean;
  readonly dropOld?: boolean;
}

export interface ChangeOptions extends DeedOptions {
  readonly kind?: string;
  readonly set?: readonly string[];
  readonly material?: readonly string[];
}

export interface ReissueOptions extends DeedOptions {
  readonly revokeAtOnce?: boolean;
  readonly reason?: string;
  readonly keepExisting?: boolean;
}

export async function renew(context: CommandContext, options: RenewOptions): Promise<CommandResult> {
  const { key, about } = await keyAndCertificate(context, 'renewal', options);
  return pursue(context, {
    options, riskNoticeKey: key,
    request: await findOpenRequest(context, 'renewal', isAbout(about)),
    draft: async () => ({
      kind: 'renewal', certificateSerialHex: about.certificate.serialHex, tokenSerial: key.token.ref.serial, tokenModelId: key.tokenModelId, itemId: await chooseItem(context, about, 'renewal', options.years),
      ...(options.sameKeys === undefined ? {} : { keyPolicy: options.sameKeys ? 'same-keys' as const : 'new-keys' as const }),
    }),
    // A draft of before may have said another number of years.
    complete: async (request) => (options.years === undefined ? request : setItem(context, request, await chooseItem(context, about, 'renewal', options.years))),
    carryOut: (request, code) => writeOnItsKey(context, { kind: 'renewal', request, key, code, options, ...(options.dropOld === true ? { oldPair: 'keep-none' as const } : {}) }),
  });
}

export async function change(context: CommandContext, options: ChangeOptions): Promise<CommandResult> {
  const { key, about } = await keyAndCertificate(context, 'change', options);
  return pursue(context, {
    options, riskNoticeKey: key,
    request: await findOpenRequest(context, 'change', isAbout(about)),
    draft: async () => ({
      kind: 'change', certificateSerialHex: about.certificate.serialHex, tokenSerial: key.token.ref.serial, tokenModelId: key.tokenModelId, itemId: await chooseItem(context, about, 'change', undefined),
      changeKindId: options.kind ?? missing('--kind'),
    }),
    complete: async (request) => addMaterials(context, await setSubject(context, request, options.set ?? []), options.material ?? []),
    carryOut: (request, code) => writeOnItsKey(context, { kind: 'change', request, key, code, options }),
  });
}

export async function unlock(context: CommandContext, options: DeedOptions & { readonly newPinFd?: number }): Promise<CommandResult> {
  await requireSignIn(context);
  const key = takeKey(context, await findKey(context.engine, options.key), options);
  const { serial } = key.token.ref;
  return pursue(context, {
    options, riskNoticeKey: null,
    request: await findOpenRequest(context, 'unlock', (request) => request.tokenSerial === serial),
    draft: async () => {
      const { keyActions } = await context.engine.call('requests.forKey', { token: key.token.ref });
      const item = keyActions.find(({ kind }) => kind === 'unlock')?.items[0];
      return { kind: 'unlock', tokenSerial: serial, tokenModelId: key.tokenModelId, ...(item ? { itemId: item.id } : {}), ...(await certificateOfKey(context, key)) };
    },
    async carryOut(request, authorizationCode) {
      const ledgerAnswer = await askLedger(context, { deed: 'unlock', token: key.token.ref }, options);
      const newPin = await askNewPin(context, options.newPinFd);
      return start(context, { kind: 'unlock', requestId: request.id, token: key.token.ref, tokenModelId: key.tokenModelId, authorizationCode, newPin, ...fewTries(options), ...(ledgerAnswer ? { ledgerAnswer } : {}) });
    },
  });
}

/** `--key` is the new key, `--certificate` the one that is lost. */
export async function reissue(context: CommandContext, options: ReissueOptions): Promise<CommandResult> {
  await requireSignIn(context);
  const key = takeKey(context, await findKey(context.engine, options.key), options);
  const certificateSerialHex = options.certificate ?? missing('--certificate');
  return pursue(context, {
    options, riskNoticeKey: null,
    request: await findOpenRequest(context, 'reissue', (request) => request.certificateSerialHex === certificateSerialHex),
    draft: async () => ({ kind: 'reissue', certificateSerialHex, tokenModelId: key.tokenModelId, revocationReason: reasonOf(options.reason), oldKeyHandling: options.revokeAtOnce === true ? 'revoke-at-once' : 'hold-until-new-works', ...(await itemOfProject(context, certificateSerialHex, 'reissue')) }),
    async carryOut(request, authorizationCode) {
      const lost = request.tokenSerial === null ? {} : { tokenSerial: request.tokenSerial };
      const ledgerAnswer = await askLedger(context, { deed: 'reissue', ...lost }, options);
      const agreed = options.keepExisting === true ? key.token.certificates.map(({ sha256Hex }) => sha256Hex) : [];
      return start(context, {
        kind: 'reissue', requestId: request.id, token: key.token.ref, tokenModelId: key.tokenModelId, authorizationCode, pin: await key.pin(), ...fewTries(options),
        ...(agreed.length > 0 ? { agreedToAddBesideCertificates: agreed } : {}), ...(ledgerAnswer ? { ledgerAnswer } : {}),
      });
    },
  });
}

/** Old encryption keys back from escrow onto a key that works. */
export async function recover(context: CommandContext, options: DeedOptions): Promise<CommandResult> {
  const { key, about } = await keyAndCertificate(context, 'key-recovery', options);
  return pursue(context, {
    options, riskNoticeKey: null,
    request: await findOpenRequest(context, 'key-recovery', isAbout(about)),
    draft: async () => ({ kind: 'key-recovery', certificateSerialHex: about.certificate.serialHex, tokenSerial: key.token.ref.serial, tokenModelId: key.tokenModelId }),
    carryOut: (request, code) => writeOnItsKey(context, { kind: 'key-recovery', request, key, code, options }),
  });
}

interface OnItsKey {
  readonly kind: 'renewal' | 'change' | 'key-recovery';
  readonly request: Request;
  readonly key: KeyInHand;
  readonly code: string;
  readonly options: DeedOptions;
  readonly oldPair?: 'keep-none';
}

async function writeOnItsKey(context: CommandContext, { kind, request, key, code, options, oldPair }: OnItsKey): Promise<CommandResult> {
  const ledgerAnswer = await askLedger(context, { deed: kind, token: key.token.ref, ...(request.keyPolicy === null ? {} : { keyPolicy: request.keyPolicy }), ...(oldPair ? { removesContents: true } : {}) }, options);
  return start(context, {
    kind, requestId: request.id, token: key.token.ref, tokenModelId: key.tokenModelId, authorizationCode: code, pin: await key.pin(), ...fewTries(options),
    // The command's own option says so in words.
    ...(oldPair ? { oldPair, agreedToEscrowOnly: true } : {}), ...(ledgerAnswer ? { ledgerAnswer } : {}),
  });
}

async function start(context: CommandContext, input: DesktopInput<'writing.start'>): Promise<CommandResult> {
  return finished(context, await followDeed(context, await context.engine.call('writing.start', input)));
}

async function keyAndCertificate(context: CommandContext, kind: RequestKind, options: DeedOptions): Promise<{ key: KeyInHand; about: KeyCertificate }> {
  await requireSignIn(context);
  const key = takeKey(context, await findKey(context.engine, options.key), options);
  const { certificates } = await context.engine.call('requests.forKey', { token: key.token.ref });
  return { key, about: chooseCertificate(certificates, kind, options.certificate) };
}

/** @throws NOT_FOUND, USAGE when several are meant, and why the one that is meant cannot be had now */
export function chooseCertificate(certificates: readonly KeyCertificate[], kind: RequestKind, serialHex: string | undefined): KeyCertificate {
  const matching = certificates.filter(({ certificate, actions }) => (serialHex === undefined || certificate.serialHex === serialHex) && actions.some((action) => action.kind === kind));
  const [only, second] = matching;
  if (only === undefined) throw new AppError('NOT_FOUND', { what: 'certificate', kind });
  if (second !== undefined) throw new AppError('USAGE', { missing: '--certificate', certificates: matching.map(({ certificate }) => certificate.serialHex) });
  return only;
}

const isAbout = ({ certificate }: KeyCertificate) => (request: Request) => request.certificateSerialHex === certificate.serialHex;

/** Certificates of an account are of its own sort: a person's or an organisation's. @throws ORDER_ITEM_UNKNOWN, USAGE when several fit */
async function chooseItem({ engine }: CommandContext, { actions }: KeyCertificate, kind: RequestKind, years: number | undefined): Promise<string> {
  const account = await engine.call('session.get', undefined);
  const items = (actions.find((action) => action.kind === kind)?.items ?? []).filter((item) => item.certificateType === account?.kind);
  const matching = items.filter((item) => years === undefined || item.years === years);
  const [only, second] = matching;
  if (only === undefined) throw new AppError('ORDER_ITEM_UNKNOWN', { kind, years: items.map((item) => String(item.years)) });
  if (second !== undefined) throw new AppError('USAGE', { missing: '--years', years: matching.map((item) => String(item.years)) });
  return only.id;
}

async function setItem({ engine }: CommandContext, request: Request, itemId: string): Promise<Request> {
  return request.itemId === itemId ? request : engine.call('requests.update', { requestId: request.id, change: { version: request.version, itemId } });
}

/** The price list of the project that a certificate is of. */
async function itemOfProject(context: CommandContext, certificateSerialHex: string, kind: RequestKind): Promise<Partial<RequestDraft>> {
  const known = await findOpenRequest(context, kind, (request) => request.certificateSerialHex === certificateSerialHex);
  const { items: projects } = await context.engine.call('projects.list', undefined);
  const items = projects.filter(({ id }) => known === null || id === known.projectId).flatMap((project) => project.items.filter((item) => item.kind === kind));
  return items.length === 1 && items[0] ? { itemId: items[0].id } : {};
}

/** An unlock is about the key; a certificate on it says which account and project it is of. */
async function certificateOfKey({ engine }: CommandContext, key: KeyInHand): Promise<Partial<RequestDraft>> {
  const { certificates } = await engine.call('requests.forKey', { token: key.token.ref });
  const [first] = certificates;
  return first ? { certificateSerialHex: first.certificate.serialHex } : {};
}

/** `--set commonName=…`: fields of the new subject that differ from the old one. */
async function setSubject({ engine }: CommandContext, request: Request, assignments: readonly string[]): Promise<Request> {
  if (assignments.length === 0) return request;
  const subject: CertificateSubject = { ...(request.subject ?? missing('--set')) };
  for (const assignment of assignments) {
    const [field, ...rest] = assignment.split('=');
    if (!isSubjectField(field) || rest.length === 0) throw new AppError('USAGE', { option: '--set', fields: [...SUBJECT_FIELDS] });
    subject[field] = rest.join('=');
  }
  return engine.call('requests.update', { requestId: request.id, change: { version: request.version, subject } });
}

const isSubjectField = (name: string | undefined): name is SubjectField => (SUBJECT_FIELDS as readonly (string | undefined)[]).includes(name);

/** `--material licence=scan.pdf` */
async function addMaterials({ engine }: CommandContext, request: Request, materials: readonly string[]): Promise<Request> {
  let now = request;
  for (const material of materials) {
    const [materialKindId, ...rest] = material.split('=');
    const path = resolve(rest.join('='));
    if (materialKindId === undefined || rest.length === 0 || !existsSync(path)) throw new AppError('USAGE', { option: '--material', path });
    now = await engine.call('requests.addMaterial', { requestId: request.id, materialKindId, source: { kind: 'path', path } });
  }
  return now;
}

function missing(option: string): never {
  throw new AppError('USAGE', { missing: option });
}
