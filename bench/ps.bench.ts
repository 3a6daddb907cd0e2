/** The start-up cost of a command. Run: `npm run bench -- ps [--rounds N]`. */

import { openHouse } from '../test/support/house.ts';
import { measurePs } from './instances/ps.ts';
import { printTable, roundsFrom } from './support.ts';

const RUNS_PER_ROUND = 5;

const runs = roundsFrom(process.argv) * RUNS_PER_ROUND;
await using house = await openHouse();
await house.drover('models', 'demo');
await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
await house.drover('up', 'alpha');
const { bare, ps } = measurePs(house, runs);
printTable(`whole process, median of ${runs} interleaved runs`, [
  { what: 'node -e 0', ms: bare },
  { what: 'drover ps --json', ms: ps },
  { what: 'over node -e 0', ms: ps - bare },
]);
