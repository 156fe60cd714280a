/** A process that seals one file of its folder, so that it can be killed or kept from writing: `seal-child.ts FOLDER SOURCE`. Says `half` on the way and the code at the end. */
import { join } from 'node:path';
import { sealBid } from '../../../src-main/sealing/seal-bid.ts';
import { bidOf, codeOf, makePeople, means } from './seal-world.ts';

const [folder = '', source = ''] = process.argv.slice(2);
// A limit on file sizes then shows as an error of write, as a full disk does.
process.on('SIGXFSZ', () => undefined);
const document = { path: source, name: 'a.pdf', mediaType: 'application/pdf' };
const outputs = { outPath: join(folder, 'out.bid'), backupPath: join(folder, 'out.bak') };
const onProgress = (done: number, total: number) => void (done > total / 2 && process.stdout.write('half\n'));
process.stdout.write(`${await codeOf(sealBid(bidOf(await makePeople(), { documents: [document], ...outputs }), means, { onProgress }))}\n`);
