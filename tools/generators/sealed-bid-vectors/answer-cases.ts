/** Answers of an opener to one challenge of a hall, one fault each: what the hall makes of them, and whether its key may be asked at all. */
import { derInteger, derNull, derOctetString, derUtf8String } from '../../../src-shared/asn1/der-writer.ts';
import { concatBytes } from '../../../src-shared/bytes/byte-strings.ts';
import { openEnvelope } from '../../../src-shared/cms/envelope.ts';
import { readEnvelopedData, writeEnvelopedData, type EnvelopedData } from '../../../src-shared/cms/enveloped-data.ts';
import { readSignedData } from '../../../src-shared/cms/signed-data.ts';
import { readPrelude } from '../../../src-shared/seal/file-layout.ts';
import { signOne } from '../../../src-shared/seal/one-signature.ts';
import { answerChallenge, makeChallenge } from '../../../src-shared/seal/remote-share.ts';
import { readHeader } from '../../../src-shared/seal/seal-header.ts';
import { sealShareEnvelope } from '../../../src-shared/seal/share-envelope.ts';
import { readSm2Ciphertext, writeSm2Ciphertext } from '../../../src-shared/sm/sm2-der.ts';
import { DerReader } from '../../../src-shared/asn1/der-reader.ts';
import { assembleFile, meansOf, SEALED_AT } from './assemble-file.ts';
import { add, flip, put, rsaForm, type FilePeople } from './file-cases.ts';

type Bytes = Uint8Array;

export interface AnswerCase {
  readonly name: string;
  readonly expect: 'OK' | 'SEAL_ANSWER_INVALID' | 'SEAL_SHARE_WRONG';
  /** False: it is refused before the hall's key decrypts anything. */
  readonly asksKey: boolean;
  readonly answer: Bytes;
}

const HOUR_MS = 3_600_000;

/** A bid of two groups, the challenge of a hall that is neither (openerB, signed by other), answers of the first group's opener (openerA, signed by the bidder). */
export async function answerCases(people: FilePeople): Promise<{ readonly bid: Bytes; readonly challenge: Bytes; readonly cases: readonly AnswerCase[] }> {
  const { bidder, other, openerA, openerB, tenderer } = people;
  const means = meansOf('answers', 'sm');
  const groups = [{ name: 'bidder', openers: [openerA] }, { name: 'tenderer', openers: [tenderer] }];
  const bid = await assembleFile({ kind: 'sealed', suite: 'sm', groups, documents: [{ name: '报价.pdf', bytes: new Uint8Array(100) }], signer: bidder }, {}, 'answered bid');
  const header = readHeader(bid.slice(16, 16 + readPrelude(bid.subarray(0, 16))));
  const ask = () => makeChallenge(header, { certificateDer: openerB.certificateDer, signer: other.signer }, { issuedAt: SEALED_AT, expiresAt: new Date(SEALED_AT.getTime() + HOUR_MS) }, means);
  const answered = (message: Bytes) => answerChallenge(message, header, { recipient: openerA.recipient, signer: bidder.signer }, SEALED_AT, means);
  const [challenge, another] = [await ask(), await ask()];
  const good = await answered(challenge);
  const content = readSignedData(good).content ?? new Uint8Array(0);
  const envelopeDer = lastMember(content);
  const inside = await openEnvelope(envelopeDer, openerB.recipient, means.engine);

  const signed = (bytes: Bytes) => signOne(bidder.signer, { kind: 'attached', bytes }, SEALED_AT, means.crypto);
  const withEnvelope = (der: Bytes) => signed(put(6, derOctetString(der))(content));
  const resealed = async (octets: Bytes, certificateDer = openerB.certificateDer) => withEnvelope(await sealShareEnvelope(octets, certificateDer, means.crypto, means.engine));
  const reshaped = (change: (data: EnvelopedData) => EnvelopedData) => withEnvelope(writeEnvelopedData(change(readEnvelopedData(envelopeDer)), 'standard'));
  const wrapped = (change: (key: Bytes) => Bytes) => reshaped((data) => ({ ...data, recipients: data.recipients.map((one) => ({ ...one, encryptedKey: change(one.encryptedKey) })) }));
  const unasked = (name: string, answer: Bytes): AnswerCase => ({ name, expect: 'SEAL_ANSWER_INVALID', asksKey: false, answer });
  const asked = (name: string, expect: AnswerCase['expect'], answer: Bytes): AnswerCase => ({ name, expect, asksKey: true, answer });
  return {
    bid, challenge,
    cases: [
      asked('answer of the bidder', 'OK', good), asked('share of another bid', 'SEAL_SHARE_WRONG', await resealed(flip(0)(inside))), asked('bound to another question', 'SEAL_ANSWER_INVALID', await resealed(flip(40)(inside))),
      asked('padding damaged', 'SEAL_ANSWER_INVALID', await reshaped((data) => ({ ...data, encryptedContent: flip(-1)(data.encryptedContent) }))),
      unasked('point not on the curve', await wrapped((key) => { const one = readSm2Ciphertext(key); return writeSm2Ciphertext({ ...one, point: flip(64)(one.point) }); })), unasked('form of RSA, with a point not on the curve', await reshaped(rsaForm)),
      unasked('wrapped key of 15 octets', await wrapped((key) => { const one = readSm2Ciphertext(key); return writeSm2Ciphertext({ ...one, masked: one.masked.slice(1) }); })), unasked('wrapped key in raw form', await wrapped((key) => { const { point, digest, masked } = readSm2Ciphertext(key); return concatBytes(point, digest, masked); })),
      unasked('share alone', await resealed(inside.slice(0, 32))), unasked('content of 80 octets', await resealed(concatBytes(inside, new Uint8Array(16)))), unasked('two recipients', await reshaped((data) => ({ ...data, recipients: [...data.recipients, ...data.recipients] }))),
      unasked('envelope of the other family', await reshaped((data) => ({ ...data, family: 'rfc5652' }))), unasked('envelope under another cipher', await reshaped((data) => ({ ...data, cipher: 'aes-128-cbc' }))), unasked('envelope for another certificate', await resealed(inside, tenderer.certificateDer)),
      unasked('answer to another challenge', await answered(another)), unasked('another seal id', await signed(put(2, derOctetString(new Uint8Array(16)))(content))), unasked('another group', await signed(put(3, derInteger(1))(content))), unasked('group that is not there', await signed(put(3, derInteger(2))(content))),
      unasked('fingerprint of no opener', await signed(put(4, derOctetString(new Uint8Array(32)))(content))), unasked('another label', await signed(put(0, derUtf8String('BidKey share answer 2'))(content))), unasked('eighth member', await signed(add(derNull())(content))),
      unasked('octets behind', concatBytes(good, Uint8Array.of(5, 0))), unasked('signature damaged', flip(-1)(good)), unasked('empty', new Uint8Array(0)),
    ],
  };
}

function lastMember(content: Bytes): Bytes {
  const inside = DerReader.open(content).readSequence('answer');
  let last: Bytes = new Uint8Array(0);
  while (!inside.atEnd) last = Uint8Array.from(inside.readAny('member').content);
  return last;
}
