// One JSON value per line, to and from the process that started this one.

import { createInterface } from 'node:readline';

export const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

export const heard = createInterface({ input: process.stdin });
