/** What the real llama-server that is built on this machine says of itself: its flags, its devices. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { ENGINE_FLAG_IDS, ENGINE_FLAGS } from '../../../src/contract/engine-flags.ts';
import { createDevices, createDeviceSources, createMemoryLedger } from '../../../src/devices/index.ts';
import { findLlamaServer } from '../../../src/engines/index.ts';
import type { EngineFlags } from '../../../src/engines/index.ts';
import { silentLog, systemClock } from '../../../src/kernel/index.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';

const program = builtLlamaServer();

test.skipIf(program === null)('it knows every flag and variable that we write', async () => {
  const home = mkdtempSync(join(tmpdir(), 'drover-flags-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const { flags, version } = await findLlamaServer({ home, environment: {} }, program ?? undefined);

  expect(flags === null ? [] : drift(flags), `drift from llama-server ${version}`).toEqual([]);
});

test.skipIf(program === null)('built for the CPU, it lists no other device', async () => {
  const ledger = createMemoryLedger();
  const sources = createDeviceSources({
    simulatedFolder: '/nowhere',
    simulateRig: null,
    llamaServer: () => Promise.resolve(program),
    clock: systemClock,
    random: () => 0.5,
    ledger,
  });
  await using devices = createDevices({ ...sources, ledger, clock: systemClock, log: silentLog });

  await devices.refresh();

  expect(devices.readings().map(({ id }) => id)).toEqual(['cpu']);
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
