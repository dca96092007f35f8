// Emmett's PostgreSQL store, as its documentation sets it up, with a pool of its own.

import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

export const storeAt = (url, connections) => {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  return { store, pool };
};

export const deposited = {
  type: 'jar.deposited',
  data: { effective_on: '2023-04-01', amount: { cents: 100, currency: 'CAD' } },
};
