/**
 * Makes the application of a key that has none: GM/T 0016 lets only whoever proves the device key do that (SKF_DevAuth), and both PINs come with it.
 * The proof: a random number of the key, filled up with zeros to one block, encrypted with the device key by the cipher that DEVINFO names.
 */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import type { HostProfile } from '../../host-protocol.ts';
import { withNul } from './name-list.ts';
import { type OpenToken } from './open-token.ts';
import { withTexts } from './pins.ts';
import { sarOf } from './sar-codes.ts';
import { cbcParameter, outNumber, numberIn, type Handle, type SkfFunctions } from './skf-functions.ts';

export interface FirstPins {
  readonly adminPin: Uint8Array;
  readonly userPin: Uint8Array;
  readonly deviceKey: Uint8Array | null;
}

const BLOCK_BYTES = 16;
const CHALLENGE_BYTES = 8;
const DEFAULT_APPLICATION = 'BidKeyApp';
const DEFAULT_TRIES = 10;
/** SECURE_USER_ACCOUNT: files may be made by who has the user PIN. */
const USER_MAKES_FILES = 0x10;

/** @throws DEVICE_KEY_WRONG, DRIVER_MECHANISM, PIN_RULE */
export function makeApplication(functions: SkfFunctions, profile: HostProfile, token: OpenToken, ulongBytes: 4 | 8, pins: FirstPins): Handle {
  proveDeviceKey(functions, token, ulongBytes, pins.deviceKey ?? refuse('DEVICE_KEY_WRONG', { serial: token.info.serial, reason: 'none given' }));
  const name = withNul(Buffer.from(profile.skfApplications[0] ?? DEFAULT_APPLICATION));
  const tries = profile.maxPinTries ?? DEFAULT_TRIES;
  let application: Handle = 0n;
  withTexts([pins.adminPin, pins.userPin], ([adminText, userText]) => {
    application = functions.open('SKF_CreateApplication', token.device, name, adminText, tries, userText, tries, USER_MAKES_FILES);
  });
  return application;
}

function proveDeviceKey(functions: SkfFunctions, token: OpenToken, ulongBytes: 4 | 8, deviceKey: Uint8Array): void {
  if (deviceKey.length !== BLOCK_BYTES) refuse('DEVICE_KEY_WRONG', { serial: token.info.serial, reason: 'its length' });
  const algorithm = token.info.deviceAuthAlgorithm ?? refuse('DRIVER_MECHANISM', { mechanism: 'SKF_DevAuth' });
  const keyCopy = Buffer.from(deviceKey);
  try {
    const challenge = Buffer.alloc(BLOCK_BYTES);
    functions.call('SKF_GenRandom', token.device, challenge.subarray(0, CHALLENGE_BYTES), CHALLENGE_BYTES);
    const key = functions.open('SKF_SetSymmKey', token.device, keyCopy, algorithm);
    try {
      functions.call(ulongBytes === 8 ? 'SKF_EncryptInit_wide' : 'SKF_EncryptInit', key, cbcParameter(new Uint8Array()));
      const answer = Buffer.alloc(2 * BLOCK_BYTES);
      const length = outNumber(answer.length);
      functions.call('SKF_Encrypt', key, challenge, challenge.length, answer, length);
      if (numberIn(length) !== BLOCK_BYTES) throw new AppError('DRIVER_NONSENSE', { functionName: 'SKF_Encrypt', what: `length ${numberIn(length)}` });
      authenticate(functions, token, answer.subarray(0, BLOCK_BYTES));
    } finally {
      nullWhenRefused(() => functions.call('SKF_CloseHandle', key));
    }
  } finally {
    wipeBytes(keyCopy);
  }
}

function authenticate(functions: SkfFunctions, token: OpenToken, answer: Buffer): void {
  try {
    functions.call('SKF_DevAuth', token.device, answer, answer.length);
  } catch (thrown) {
    const returnCode = sarOf(thrown);
    if (returnCode === null || !WRONG_ANSWER.has(returnCode)) throw thrown;
    throw new AppError('DEVICE_KEY_WRONG', { serial: token.info.serial, returnCode }, thrown);
  }
}

/** What drivers return for a proof that is not right. */
const WRONG_ANSWER: ReadonlySet<string> = new Set(['SAR_FAIL', 'SAR_INDATAERR', 'SAR_INDATALENERR', 'SAR_UNKNOWNERR', 'SAR_PIN_INCORRECT', 'SAR_DEVNOAUTHERR', 'SAR_INVALIDPARAMERR']);
