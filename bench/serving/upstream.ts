/** The synthetic upstream as a process: prints its port, serves until it is killed. */

import { startSyntheticUpstream } from '../../test/support/synthetic-upstream.ts';

const upstream = await startSyntheticUpstream({ slots: 1_000, quiet: true });
process.stdout.write(`listening on ${upstream.port}\n`);
