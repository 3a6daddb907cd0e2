/** `npm run bench -- NAME [ARG …]`: compiles `bench/NAME.ts` and runs it. Without a name it lists what there is. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

import { bin, build, ROOT, run } from './run.js';

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(`${ROOT}bench`, { recursive: true })
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));

if (name === undefined || !names.includes(name)) {
  process.stdout.write(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const product = await build();
  const bench = await run('build of bench', bin('tsc'), ['-p', 'tsconfig.bench.json'], { quiet: true });
  if (product.ok && bench.ok) {
    const ran = spawnSync(process.execPath, [`${ROOT}.bench-build/bench/${name}.bench.js`, ...args], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    process.exitCode = ran.status ?? 1;
  } else process.exitCode = 1;
}
