// One JSON value per line, to and from the process that started this one. To be waited for before
// the process ends: a pipe takes 64 KiB at a time.

import { createInterface } from 'node:readline';

export const say = (what) =>
  new Promise((said) => process.stdout.write(`${JSON.stringify(what)}\n`, said));

export const heard = createInterface({ input: process.stdin });
