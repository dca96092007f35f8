// write URL WRITERS EVENTS UNDONE: appends when it is told to, like ../writer.py.

import { randomUUID } from 'node:crypto';
import { dumbo } from '@event-driven-io/dumbo';
import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import { appendToStream } from '@event-driven-io/emmett-postgresql';
import { heard, say } from './lines.mjs';
import { deposited, storeAt } from './store.mjs';

const [url, writers, events, undone] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const { store, pool } = storeAt(url, writers);
const messages = Array.from({ length: events }, () => deposited);

const append = () =>
  store.appendToStream(`jar-${randomUUID()}`, messages, {
    expectedStreamVersion: STREAM_DOES_NOT_EXIST,
  });

// The store has no transaction that a caller can undo; what it calls itself takes a hook.
const connections = undone > 0 ? dumbo({ connectionString: url, pool }) : undefined;
const appendAndUndo = async () => {
  try {
    await appendToStream(connections, `jar-${randomUUID()}`, 'jar', messages, {
      beforeCommitHook: () => Promise.reject(new Error('undo')),
    });
  } catch (error) {
    if (error.message !== 'undo') throw error;
  }
};

const write = async (seconds) => {
  let appends = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  const writer = async () => {
    while (performance.now() < until) {
      if (undone > 0 && Math.random() < undone) {
        await appendAndUndo();
      } else {
        await append();
        appends += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return { appends, seconds: (performance.now() - started) / 1000 };
};

await Promise.all(Array.from({ length: writers }, append));
say({ ready: true });
for await (const line of heard) say(await write(Number(line)));
await store.close();
await pool.end();
