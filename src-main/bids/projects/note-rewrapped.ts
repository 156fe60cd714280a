/** A sealed bid of a project was written anew for other openers: the project names the new file from then on, because that is the one to upload. */
import { stat } from 'node:fs/promises';
import type { ChosenOpener, SealedOutput } from '#shared/contract/desktop/bids.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { certificateFacts } from '../certificate-facts.ts';
import type { RecordStore } from '../record-store.ts';
import { digestFile } from './copy-document.ts';
import type { ProjectRecord } from './project-record.ts';

export interface RewrappedFile {
  readonly sealIdHex: string;
  readonly path: string;
  readonly ticketPath: string | null;
  readonly added: readonly ChosenOpener[];
  /** As the file named them. */
  readonly removed: readonly { readonly group: string; readonly serialHex: string }[];
}

/** @returns null when no project of this machine sealed it */
export async function noteRewrappedIn(store: RecordStore<ProjectRecord>, made: RewrappedFile): Promise<SealedOutput | null> {
  const isIts = ({ sealIdHex }: SealedOutput) => sealIdHex === made.sealIdHex;
  const project = (await store.list()).find(({ outputs }) => outputs.some(isIts));
  if (!project) return null;
  const { size } = await stat(made.path);
  const sha256Hex = await digestFile(made.path);
  const anew = (output: SealedOutput): SealedOutput => ({ ...output, path: made.path, ticketPath: made.ticketPath, sizeBytes: size, sha256Hex, openers: openersAfter(output, made) });
  const changed = await store.change(project.id, (latest) => ({ ...latest, outputs: latest.outputs.map((output) => (isIts(output) ? anew(output) : output)) }));
  return changed.outputs.find(isIts) ?? null;
}

function openersAfter({ openers }: SealedOutput, { added, removed }: RewrappedFile): SealedOutput['openers'] {
  const kept = openers.filter(({ group, facts }) => !removed.some((gone) => gone.group === group && gone.serialHex === facts.serialHex));
  return [...kept, ...added.map(({ group, certificateDer }) => ({ group, facts: certificateFacts(fromBase64(certificateDer)) }))];
}
