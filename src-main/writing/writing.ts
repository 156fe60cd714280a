/**
 * The writing deeds as the desktop contract offers them; entry of this folder. Rule: one deed per key at a time; every attempt logs in to the
 * key exactly once; what goes wrong leaves an interrupted deed that can be resumed, never a half-known one. Steps and why: docs/deeds.md.
 */
import type { Deed, DeedRoom } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { ledgerQuestionOf } from './ask-ledger-again.ts';
import { cancelDeed, mayBeGivenUpNow } from './cancel-deed.ts';
import { viewDeed } from './deed-view.ts';
import { createKeyHolds } from './key-holds.ts';
import type { WritingPorts } from './ports.ts';
import { resumeDeed } from './resume-deed.ts';
import { interrupt } from './run-steps.ts';
import { lookForRoom } from './room.ts';
import { adoptAdministratorPin, startDeed } from './start-deed.ts';
import { findDeed, findMyUnfinishedDeed, type WritingDesk } from './writing-desk.ts';

export interface Writing {
  /** Answers when the key is open and the start is known or unknown to have arrived; the further steps come as events. */
  start(input: DesktopInput<'writing.start'>): Promise<Deed>;
  startNewIssue(input: DesktopInput<'writing.startNewIssue'>): Promise<Deed>;
  adoptAdministratorPin(input: DesktopInput<'writing.adoptAdministratorPin'>): Promise<Deed>;
  room(input: DesktopInput<'writing.room'>): Promise<DeedRoom>;
  /** An ended deed is only shown as ended when its key is free again. */
  get(deedId: string): Promise<Deed>;
  listUnfinished(): Deed[];
  /** What the ledger is asked before the deed goes on; null: nothing that is left of it could lose a bid. */
  ledgerQuestion(input: DesktopInput<'writing.ledgerQuestion'>): Promise<DesktopOutput<'writing.ledgerQuestion'>>;
  resume(input: DesktopInput<'writing.resume'>): Promise<Deed>;
  cancel(input: DesktopInput<'writing.cancel'>): Promise<Deed>;
  mayBeGivenUp(input: DesktopInput<'writing.mayBeGivenUp'>): Promise<boolean>;
  /** Deeds that a kill or a power cut left running; called once before anything else. */
  interruptLeftovers(): void;
  /** Stops every running deed after its present step. */
  close(): Promise<void>;
}

export function createWriting(ports: WritingPorts): Writing {
  const desk: WritingDesk = { ports, holds: createKeyHolds() };
  return {
    start: (input) => startDeed(desk, input),
    startNewIssue: (input) => startDeed(desk, { ...input, kind: 'new-issue' }),
    adoptAdministratorPin: (input) => adoptAdministratorPin(desk, input),
    room: (input) => lookForRoom(ports, input),
    async ledgerQuestion({ deedId }) {
      const record = findMyUnfinishedDeed(desk, deedId);
      const { tokens } = await ports.tokens.list();
      return ledgerQuestionOf(record, tokens.find(({ ref }) => ref.serial === record.tokenSerial)?.ref ?? null, ports);
    },
    resume: (input) => resumeDeed(desk, input),
    cancel: (input) => cancelDeed(desk, input),
    mayBeGivenUp: ({ deedId }) => mayBeGivenUpNow(desk, deedId),
    async get(deedId) {
      if (findDeed(desk, deedId).state !== 'running') await desk.holds.ofDeed(deedId)?.ended;
      return viewDeed(findDeed(desk, deedId));
    },
    listUnfinished: () => ports.journal.listUnfinished().map(viewDeed),
    interruptLeftovers() {
      for (const deed of ports.journal.listUnfinished()) {
        if (deed.state === 'running') interrupt(deed.id, new AppError('DEED_STOPPED', { step: deed.step }), ports);
      }
    },
    close: () => desk.holds.stopAll(),
  };
}
