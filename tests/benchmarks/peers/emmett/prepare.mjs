// prepare URL: make its tables.

import { storeAt } from './store.mjs';

const { store, pool } = storeAt(process.argv[2], 1);
await store.schema.migrate();
await store.close();
await pool.end();
