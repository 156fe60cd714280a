/** Every plan of a deed on the model world: how it comes to be asked for, how a person carries it out and goes on with it, and what must hold once it is done. */
import { expect } from 'vitest';
import type { DeedPlanId } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import type { DeedJournal } from '../../src-main/journal/deed-record.ts';
import { openJournal } from '../../src-main/journal/journal.ts';
import { createWriting, type Writing } from '../../src-main/writing/writing.ts';
import { Fuse, type Fault } from './fuse.ts';
import { CODE, type ModelRequest } from './model-ca.ts';
import { FACTORY_ADMIN_PIN, ModelKey, PIN, SERIAL } from './model-key.ts';
import { ModelWorld } from './model-world.ts';

export const NEW_PIN = '70315824';
export const newJournal = () => openJournal(':memory:', () => new Date()).journal;

export interface Scene {
  readonly world: ModelWorld;
  readonly request: ModelRequest;
  /** Sealed before the deed to whatever could be opened then. */
  readonly sealedBefore: readonly Uint8Array[];
  /** The deed hands an administrator PIN over, which no request asks for. */
  readonly adopts?: boolean;
}

export interface ModelDeed {
  readonly plan: DeedPlanId;
  prepare(): Promise<Scene>;
  expectDone(scene: Scene): void;
}

const START = { tokenModelId: 'model', authorizationCode: CODE } as const;
const tokenOf = (world: ModelWorld) => ({ driverId: 'model', serial: world.key.serial });

/** A key with a pair in force. */
async function writtenWorld(): Promise<ModelWorld> {
  const world = new ModelWorld();
  const request = world.ca.addRequest('new-issue');
  await attempt({ world, request, sealedBefore: [] }, newJournal(), null);
  expect(world.ca.activePairs(SERIAL)).toBe(1);
  return world;
}

const expectOnePair = ({ world, request }: Scene, containers: number, codeUses = 1) => {
  expect([world.ca.activePairs(world.key.serial), request.codeUses, world.key.containers.size]).toEqual([1, codeUses, containers]);
  expect(world.ca.issuances.filter((one) => one.state === 'started' || one.state === 'certified')).toEqual([]);
  expect([...world.key.containers.values()].every((one) => one.encryptKey !== null && one.encryptCertificate !== null)).toBe(true);
};

const issueOn = (plan: DeedPlanId, kind: 'renewal' | 'change', containers: number): ModelDeed => ({
  plan,
  async prepare() {
    const world = await writtenWorld();
    const request = world.ca.addRequest(kind, { keyPolicy: plan === 'same-keys' ? 'same-keys' : 'new-keys', tokenSerial: SERIAL, certificateSerialHex: world.ca.activeSigner(SERIAL) });
    return { world, request, sealedBefore: world.sealedBids() };
  },
  expectDone: (scene) => expectOnePair(scene, containers),
});

export const MODEL_DEEDS: readonly ModelDeed[] = [
  {
    plan: 'new-issue',
    async prepare() {
      const world = new ModelWorld();
      return { world, request: world.ca.addRequest('new-issue', { quantity: 2 }), sealedBefore: [] };
    },
    expectDone(scene) {
      expectOnePair(scene, 1);
      expect(scene.world.ca.remaining(scene.request)).toBe(1);
    },
  },
  {
    plan: 'new-issue-handover',
    async prepare() {
      const world = new ModelWorld();
      world.factoryPinKnown = true;
      return { world, request: world.ca.addRequest('new-issue'), sealedBefore: [] };
    },
    expectDone(scene) {
      expectOnePair(scene, 1);
      expectPinsAgree(scene);
    },
  },
  {
    plan: 'administrator-pin',
    async prepare() {
      const world = await writtenWorld();
      world.factoryPinKnown = true;
      return { world, request: world.ca.addRequest('new-issue', { state: 'completed' }), sealedBefore: world.sealedBids(), adopts: true };
    },
    expectDone(scene) {
      expectOnePair(scene, 1, 0);
      expectPinsAgree(scene);
    },
  },
  // Renewal and change share their plans.
  issueOn('new-keys', 'renewal', 2),
  issueOn('same-keys', 'change', 1),
  {
    plan: 'reissue',
    async prepare() {
      const world = await writtenWorld();
      const request = world.ca.addRequest('reissue', { tokenSerial: SERIAL, certificateSerialHex: world.ca.activeSigner(SERIAL) });
      const sealedBefore = world.sealedBids();
      world.key = new ModelKey('MODEL0002');
      return { world, request, sealedBefore };
    },
    expectDone(scene) {
      expectOnePair(scene, 2);
      expect(scene.world.ca.activePairs(SERIAL)).toBe(0);
    },
  },
  {
    plan: 'unlock',
    async prepare() {
      const world = await writtenWorld();
      world.key.lockUserPin();
      return { world, request: world.ca.addRequest('unlock', { tokenSerial: SERIAL }), sealedBefore: world.sealedBids() };
    },
    expectDone(scene) {
      expectOnePair(scene, 1);
      expectPinsAgree(scene);
      expect([scene.world.key.userPin, scene.world.key.userTries]).toEqual([NEW_PIN, 6]);
    },
  },
  {
    plan: 'key-recovery',
    async prepare() {
      const world = await writtenWorld();
      const renewal = world.ca.addRequest('renewal', { keyPolicy: 'new-keys', tokenSerial: SERIAL, certificateSerialHex: world.ca.activeSigner(SERIAL) });
      await attempt({ world, request: renewal, sealedBefore: [] }, newJournal(), null);
      const sealedBefore = world.sealedBids();
      for (const [id, one] of world.key.containers) if (!sealedToActive(world, one.encryptCertificate)) world.key.containers.delete(id);
      return { world, request: world.ca.addRequest('key-recovery', { tokenSerial: SERIAL }), sealedBefore };
    },
    expectDone: (scene) => expectOnePair(scene, 2),
  },
];

const sealedToActive = (world: ModelWorld, certificateDer: Uint8Array | null) => world.ca.certificates.some((one) => one.state === 'active' && certificateDer !== null && equalBytes(one.der, certificateDer));

/** The administrator PIN of the key is the one that the service has in force, and is not the factory's. */
function expectPinsAgree({ world }: Scene): void {
  const pins = world.ca.administratorPins.get(world.key.serial);
  expect([pins?.current, pins?.next]).toEqual([world.key.adminPin, null]);
  expect(world.key.adminPin).not.toBe(FACTORY_ADMIN_PIN);
}

/** One process: started, used, and gone when its fuse blows. */
export function boot(world: ModelWorld, journal: DeedJournal, fault: Fault | null): { writing: Writing; fuse: Fuse } {
  createWriting(world.ports(new Fuse(null), journal)).interruptLeftovers();
  const fuse = new Fuse(fault);
  return { writing: createWriting(world.ports(fuse, journal)), fuse };
}

export interface Attempt {
  readonly calls: number;
  readonly error: string | null;
  readonly wrongAdminTries: number;
}

/** Does what a person would: goes on with what is unfinished, begins when there is nothing; code asked again only when asked for. */
export async function attempt(scene: Scene, journal: DeedJournal, fault: Fault | null): Promise<Attempt> {
  const { world } = scene;
  const { writing, fuse } = boot(world, journal, fault);
  const [unfinished] = writing.listUnfinished();
  const wrongBefore = world.key.wrongAdminTries;
  let error: string | null = null;
  try {
    if (unfinished) await resumeAsAsked(writing, unfinished);
    else if (!isDone(scene)) await (scene.adopts ? writing.adoptAdministratorPin({ requestId: scene.request.id, token: tokenOf(world), tokenModelId: 'model' }) : startAndAgree(writing, startInput(scene)));
  } catch (thrown) {
    error = thrown instanceof Error && thrown.constructor.name === 'PowerCut' ? 'POWER' : toAppError(thrown).code;
  }
  await standstill(writing, fuse);
  return { calls: fuse.calls, error, wrongAdminTries: world.key.wrongAdminTries - wrongBefore };
}

/** The service has it as carried out on this key. */
export function isDone({ world, request, adopts }: Scene): boolean {
  const pins = world.ca.administratorPins.get(world.key.serial);
  if (adopts) return pins !== undefined && pins.current !== null && pins.next === null;
  return request.kind === 'new-issue' ? world.ca.issuances.some((one) => one.requestId === request.id && one.state === 'completed') : request.state === 'completed';
}

export function startInput({ world, request }: Scene): DesktopInput<'writing.start'> {
  const kind = request.kind as DesktopInput<'writing.start'>['kind'];
  const pins = kind === 'unlock' ? { newPin: NEW_PIN } : { pin: world.key.userPin };
  return { ...START, kind, requestId: request.id, token: tokenOf(world), ...pins };
}

/** A half-written key shows its certificates; the person has seen them and agrees. */
export async function startAndAgree(writing: Writing, input: DesktopInput<'writing.start'>): Promise<void> {
  try {
    await writing.start(input);
  } catch (thrown) {
    const { code, details } = toAppError(thrown);
    if (code !== 'KEY_HAS_CERTIFICATES') throw thrown;
    await writing.start({ ...input, agreedToAddBesideCertificates: [...(details['sha256Hex'] as readonly string[])] });
  }
}

/** Until the deed ended, one way or another, or the power is gone. */
export async function standstill(writing: Writing, fuse: Fuse): Promise<void> {
  while (!fuse.dead && writing.listUnfinished().some((deed) => deed.state === 'running')) await new Promise((resolve) => setImmediate(resolve));
  await writing.close();
}

async function resumeAsAsked(writing: Writing, deed: Deed): Promise<void> {
  const pin = deed.kind === 'unlock' ? NEW_PIN : PIN;
  const input = { deedId: deed.id, ...(deed.pinNeeded === 'pin' ? { pin } : {}), ...(deed.pinNeeded === 'new-pin' ? { newPin: pin } : {}) };
  try {
    await writing.resume(input);
  } catch (thrown) {
    if (toAppError(thrown).code !== 'DEED_CODE_NEEDED') throw thrown;
    await writing.resume({ ...input, authorizationCode: CODE });
  }
}

/** What must hold after every deed. */
export function expectAllWell(deed: ModelDeed, scene: Scene, journal: DeedJournal): void {
  expect(journal.listUnfinished()).toEqual([]);
  expect(isDone(scene)).toBe(true);
  deed.expectDone(scene);
  for (const bid of scene.sealedBefore) expect(scene.world.key.opens(bid), 'what could be opened before can be opened after').toBe(true);
}
