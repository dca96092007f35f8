// rebuild URL pongo|sql|folded SECONDS BATCH PAUSE: rebuilds the sum and number of deposits by stream
// from the first event, and stops after SECONDS if it is not through; says how long it ran.
//
// pongo: a document per jar, as its documentation shows for a read model over many streams.
// sql: one statement per event, sent together for a batch, as its raw SQL projections do.
// folded: one statement per batch, which the author of the projection adds up by hand.

import { SQL, rawSql } from '@event-driven-io/dumbo';
import {
  pongoMultiStreamProjection,
  postgreSQLRawBatchSQLProjection,
  postgreSQLRawSQLProjection,
  rebuildPostgreSQLProjections,
} from '@event-driven-io/emmett-postgresql';
import { say } from './lines.mjs';

const [url, kind] = process.argv.slice(2);
const [seconds, batchSize, pullingFrequencyInMs] = process.argv.slice(4).map(Number);

const table = {
  name: 'jars',
  canHandle: ['jar.deposited'],
  init: () => SQL`
    CREATE TABLE IF NOT EXISTS jars (jar text PRIMARY KEY, held bigint, deposits bigint)`,
};

const folded = (events) => {
  const jars = new Map();
  for (const { data, metadata } of events) {
    const [held, deposits] = jars.get(metadata.streamName) ?? [0, 0];
    jars.set(metadata.streamName, [held + data.amount.cents, deposits + 1]);
  }
  const rows = [...jars].map(([jar, [held, deposits]]) => `('${jar}', ${held}, ${deposits})`);
  return [
    rawSql(`INSERT INTO jars VALUES ${rows.join()} ON CONFLICT (jar) DO UPDATE
      SET held = jars.held + excluded.held, deposits = jars.deposits + excluded.deposits`),
  ];
};

const projection = {
  pongo: () =>
    pongoMultiStreamProjection({
      collectionName: 'jars',
      canHandle: ['jar.deposited'],
      getDocumentId: (event) => event.metadata.streamName,
      evolve: (jar, event) => ({
        held: (jar?.held ?? 0) + event.data.amount.cents,
        deposits: (jar?.deposits ?? 0) + 1,
      }),
    }),
  sql: () =>
    postgreSQLRawSQLProjection({
      ...table,
      evolve: ({ data, metadata }) => SQL`
        INSERT INTO jars VALUES (${metadata.streamName}, ${data.amount.cents}, 1)
        ON CONFLICT (jar) DO UPDATE
        SET held = jars.held + excluded.held, deposits = jars.deposits + 1`,
    }),
  folded: () => postgreSQLRawBatchSQLProjection({ ...table, evolve: folded }),
}[kind]();

const consumer = rebuildPostgreSQLProjections({
  connectionString: url,
  projections: [projection],
  ...(batchSize ? { pulling: { batchSize, pullingFrequencyInMs } } : {}),
});
const started = performance.now();
const alarm = setTimeout(() => void consumer.stop(), seconds * 1000);
await consumer.start();
const took = (performance.now() - started) / 1000;
clearTimeout(alarm);
await say({ seconds: took });
await consumer.close();
process.exit(0);
