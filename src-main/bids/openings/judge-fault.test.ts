/** Tests of judge-fault.ts: what becomes of a bid and of the run. */
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { judgeEnvelope, judgeFault, type Fault } from './judge-fault.ts';

describe('an error in the middle of an opening', () => {
  it.each<readonly [ErrorCode, Fault]>([
    ['CANCELLED', 'run'], ['TOKEN_REMOVED', 'run'], ['TOKEN_NOT_PRESENT', 'run'], ['TOKEN_NOT_LOGGED_IN', 'run'], ['PIN_LOCKED', 'run'],
    ['DRIVER_FUNCTION_FAILED', 'unclear'], ['DRIVER_CRASHED', 'unclear'], ['DRIVER_TIMEOUT', 'unclear'], ['DRIVER_MECHANISM', 'unclear'], ['TOKEN_BUSY', 'unclear'], ['INTERNAL', 'unclear'],
    ['SEAL_OUTPUT_FAILED', 'unclear'], ['SEAL_OUTPUT_EXISTS', 'unclear'], ['SEAL_SOURCE_UNREADABLE', 'unclear'], ['SEAL_FILE_REPLACED', 'file'],
    ['SEAL_SIGNATURE_INVALID', 'bid'], ['SEAL_CHUNK_DAMAGED', 'bid'], ['SEAL_TREE_ROOT', 'bid'], ['SEAL_KEY_COMMITMENT', 'bid'], ['SEAL_DOCUMENT_DIGEST', 'bid'], ['SEAL_SHARE_WRONG', 'bid'],
  ])('%s: %s', (code, fault) => {
    expect(judgeFault(new AppError(code))).toBe(fault);
  });

  it('ok: a full disk ends the run, a file that the disk cannot hold is that file’s trouble', () => {
    expect(judgeFault(new AppError('SEAL_DISK_FULL', { reason: 'ENOSPC' }))).toBe('disk');
    expect(judgeFault(new AppError('SEAL_DISK_FULL', { reason: 'EFBIG' }))).toBe('unclear');
  });
});

describe('an envelope that did not open', () => {
  const [failed, wrong] = [new AppError('SEAL_UNWRAP_FAILED'), new AppError('SEAL_SHARE_WRONG')];
  it('refuses: the bid when the key works and no other of the group is left', () => {
    expect([judgeEnvelope(failed, false, true), judgeEnvelope(wrong, false, true)]).toEqual(['bid', 'bid']);
  });
  it('ok: waits for another key of the group, or for a proof that the key works', () => {
    expect([judgeEnvelope(failed, true, true), judgeEnvelope(wrong, true, false)]).toEqual(['file', 'file']);
    expect([judgeEnvelope(failed, false, false), judgeEnvelope(failed, true, false)]).toEqual(['unclear', 'unclear']);
  });
  it('refuses: the bid when a share came out and is not the one of its group: the key works', () => {
    expect(judgeEnvelope(wrong, false, false)).toBe('bid');
  });
});
