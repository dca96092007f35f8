// load URL: for each [stream, times] it is told, loads, folds and decides so often, and says how
// long each took, in milliseconds. For {"stream", "events"} it appends so many first.

import { heard, say } from './lines.mjs';
import { deposited, storeAt } from './store.mjs';

const { store, pool } = storeAt(process.argv[2], 1);
const LIMIT = 100_000_000;

const initialState = () => ({ held: 0, deposits: 0 });
const evolve = (jar, event) => ({
  ...jar,
  held: jar.held + event.data.amount.cents,
  deposits: jar.deposits + 1,
});
const decide = (command, jar) => {
  if (jar.held + command.cents > LIMIT) throw new Error('the jar is full');
  return [deposited];
};

const load = async (stream) => {
  const { state } = await store.aggregateStream(stream, { evolve, initialState });
  return [state, decide({ cents: 100 }, state)];
};

say({ ready: true });
for await (const line of heard) {
  const { stream, events, times } = JSON.parse(line);
  if (events) {
    await store.appendToStream(stream, Array.from({ length: events }, () => deposited));
    const [state] = await load(stream);
    say(state.deposits);
    continue;
  }
  const took = [];
  for (let time = 0; time < times; time += 1) {
    const started = performance.now();
    await load(stream);
    took.push(performance.now() - started);
  }
  say(took);
}
await store.close();
await pool.end();
