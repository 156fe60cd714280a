/** Reads the model profiles of a folder, checks each against its schema and its picture for safety. Refuses the whole folder on the first bad one: a half-read list would hide a model silently. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { picturePoints } from './safe-picture.ts';
import { UkeyModelProfile } from './ukey-model-profile.ts';

export interface LoadedUkeyModel {
  readonly profile: UkeyModelProfile;
  readonly pictureSvg: string;
}

/** @returns models in the order of their file names. @throws UKEY_MODEL_INVALID */
export async function loadUkeyModels(folder: string): Promise<LoadedUkeyModel[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(files.map((file) => loadUkeyModel(folder, file)));
}

async function loadUkeyModel(folder: string, file: string): Promise<LoadedUkeyModel> {
  const profile = parseProfile(await readFile(join(folder, file), 'utf8'), file);
  if (`${profile.id}.json` !== file) refuse('UKEY_MODEL_INVALID', { file, reason: `id ${profile.id} is not the name of the file` });
  const pictureSvg = await readPicture(join(folder, profile.picture), file);
  const [point] = picturePoints(pictureSvg);
  if (point !== undefined) refuse('UKEY_MODEL_INVALID', { file, reason: `picture: ${point}` });
  return { profile, pictureSvg };
}

function parseProfile(text: string, file: string): UkeyModelProfile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (thrown) {
    throw new AppError('UKEY_MODEL_INVALID', { file, reason: 'not JSON' }, thrown);
  }
  if (Value.Check(UkeyModelProfile, data)) return data;
  const first = Value.Errors(UkeyModelProfile, data).First();
  return refuse('UKEY_MODEL_INVALID', { file, reason: `${first?.path ?? ''}: ${first?.message ?? 'does not fit the schema'}` });
}

async function readPicture(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    throw new AppError('UKEY_MODEL_INVALID', { file, reason: 'its picture is missing' }, thrown);
  }
}
