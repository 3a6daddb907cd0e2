/** The one table of engine flags against its page and against the llama-server that is built on this machine. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { ENGINE_FLAG_IDS, ENGINE_FLAGS } from '../src/contract/engine-flags.ts';
import { findLlamaServer } from '../src/engines/index.ts';
import type { EngineFlags } from '../src/engines/index.ts';
import { engineFlagsPage } from './support/engine-flags-page.ts';
import { builtLlamaServer } from './support/llama-server.ts';

const PAGE = resolve(import.meta.dirname, '../docs/engine-flags.md');
const program = builtLlamaServer();

test('docs/engine-flags.md shows the table as it is (write it anew with vitest -u)', async () => {
  await expect(engineFlagsPage()).toMatchFileSnapshot(PAGE);
});

test.skipIf(program === null)('a real llama-server knows every flag and variable that we write', async () => {
  const home = mkdtempSync(join(tmpdir(), 'drover-flags-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const { flags, version } = await findLlamaServer({ home, environment: {} }, program ?? undefined);

  expect(flags === null ? [] : drift(flags), `drift from llama-server ${version}`).toEqual([]);
});

/** What has another name now: our spelling, and how the program calls it by its variable. */
function drift(known: EngineFlags): string[] {
  return ENGINE_FLAG_IDS.flatMap((id) => {
    const { names, env, engines } = ENGINE_FLAGS[id];
    if (!engines.some((engine) => engine === 'llama-server')) return [];
    const [ours] = names;
    const byVariable = [...new Set(known.values())].find((flag) => env !== null && flag.env === env);
    if (!known.has(ours)) return [`${ours} is now ${byVariable?.names.join(', ') ?? 'unknown'}`];
    const variable = known.get(ours)?.env ?? null;
    return variable === env ? [] : [`${ours}: its variable is now ${variable}, not ${env}`];
  });
}
