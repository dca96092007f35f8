// read URL: goes on from the last position it saw, by the query that Emmett's consumers use, until
// it is told to end; then says every position that it saw.

import { setTimeout } from 'node:timers/promises';
import { dumbo } from '@event-driven-io/dumbo';
import { readMessagesBatch } from '@event-driven-io/emmett-postgresql';
import { heard, say } from './lines.mjs';

const pool = dumbo({ connectionString: process.argv[2] });
const seen = new Set();
let after = 0n;
let ending = false;
heard.on('line', () => {
  ending = true;
});

const read = async () => {
  const batch = await readMessagesBatch(pool.execute, { after, batchSize: 1000 });
  for (const { metadata } of batch.messages) seen.add(Number(metadata.globalPosition));
  after = batch.currentGlobalPosition;
  return batch.messages.length;
};

await read();
say({ ready: true });
while (!ending) if ((await read()) === 0) await setTimeout(0);
while ((await read()) > 0);
await say([...seen]);
await pool.close();
process.exit(0);
