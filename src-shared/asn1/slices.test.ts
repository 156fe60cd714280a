/** Work in slices: the same answers and refusals as at once, with pauses in between. */
import { describe, expect, it } from 'vitest';
import { derContext, derInteger, derOctetString, derSequence, derSequenceOf, derSetOf } from './der-writer.ts';
import { DerReader } from './der-reader.ts';
import { atOnce, inSlices, type Slices } from './slices.ts';

function* counted(slices: number): Slices<string> {
  for (let n = 0; n < slices; n += 1) yield;
  return `after ${slices}`;
}

describe('slices', () => {
  it('ok: at once and with pauses give the same; one pause after each slice', async () => {
    let pauses = 0;
    const pause = async () => void (pauses += 1);
    expect([atOnce(counted(3)), await inSlices(counted(3), pause), pauses]).toEqual(['after 3', 'after 3', 3]);
  });

  it('refuses: what the work refuses', async () => {
    function* failing(): Slices<string> {
      yield;
      throw new Error('broken');
    }
    expect(() => atOnce(failing())).toThrow('broken');
    await expect(inSlices(failing(), async () => undefined)).rejects.toThrow('broken');
  });
});

describe('checking large DER in slices', () => {
  const member = (n: number) => derSequence(derInteger(n), derOctetString(new Uint8Array(40)));
  const large = (last: Uint8Array = member(1)) => derSequence(derInteger(1), derContext(0, derSequenceOf([...Array.from({ length: 8000 }, (_, n) => member(n)), last])));
  const pausesOf = (der: Uint8Array) => {
    let pauses = 0;
    const work = DerReader.openInSlices(der);
    while (work.next().done !== true) pauses += 1;
    return pauses;
  };

  it('ok: pauses inside what is large, none in what is small', () => {
    expect(pausesOf(member(1))).toBe(0);
    expect(pausesOf(large())).toBeGreaterThanOrEqual(5);
  });

  it('refuses: as at once, what is not canonical deep inside, out of order in a large SET OF, and octets after the end', () => {
    const refusal = (der: Uint8Array) => {
      try {
        DerReader.open(der);
        return 'opened';
      } catch (thrown) {
        return (thrown as { details: { reason: string } }).details.reason;
      }
    };
    const notMinimal = derSequence(new Uint8Array([2, 2, 0, 1]));
    expect(refusal(large())).toBe('opened');
    expect(refusal(large(notMinimal))).toBe(refusal(notMinimal));
    expect(refusal(new Uint8Array([...large(), 0]))).toBe('trailing octets');
    const members = Array.from({ length: 4000 }, (_, n) => derOctetString(new Uint8Array([n >> 8, n & 0xff, ...new Uint8Array(30)])));
    expect(refusal(derSetOf(...members))).toBe('opened');
    const inOrder = derSetOf(...members);
    const swapped = inOrder.slice();
    // The last member becomes smaller than the one before it.
    swapped.fill(0, swapped.length - 32);
    expect(refusal(swapped)).toBe('SET OF is not in order');
  });
});
