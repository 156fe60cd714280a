/** A process that seals one file, opens it and tells its seconds and its greatest resident memory: `seal-memory-child SUITE DOCUMENT BID OUT`. Its people are its own, so it does both. */
import { rm } from 'node:fs/promises';
import { openBid } from '../../src-main/sealing/open-bid.ts';
import { sealBid } from '../../src-main/sealing/seal-bid.ts';
import { benchBid, benchPeople, nativeMeans, secondsOf } from './seal-material.ts';

const [suite = '', document = '', bid = '', out = ''] = process.argv.slice(2);
if (suite !== 'sm' && suite !== 'aes') throw new Error('which suite?');
const means = nativeMeans();
const people = await benchPeople(suite, means);
const sealSeconds = await secondsOf(() => sealBid(benchBid(suite, people, [{ path: document, name: 'a.pdf' }], bid), means));
const sealKibibytes = process.resourceUsage().maxRSS;
const openSeconds = await secondsOf(() => openBid(bid, { recipients: [people.bidder[0].recipient, people.tenderer.recipient] }, out, means));
const openKibibytes = process.resourceUsage().maxRSS;
await Promise.all([rm(bid), rm(out, { recursive: true })]);
process.stdout.write(`${JSON.stringify({ sealSeconds, sealKibibytes, openSeconds, openKibibytes })}\n`);
