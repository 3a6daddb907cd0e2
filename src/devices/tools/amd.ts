/** AMD devices: asks `amd-smi`, or the older `rocm-smi` where that is missing. */

import type { Clock } from '../../kernel/index.ts';
import type { DeviceProbe, DeviceReading } from '../device.ts';
import { createRarely } from '../rarely.ts';
import { parseAmdCards, readAmdCards } from './amd-smi.ts';
import { parseRocmSmi, ROCM_ARGS } from './rocm-smi.ts';
import type { RunCommand } from './run-command.ts';

/** A graphics unit inside a processor keeps a few hundred megabytes of its own: no place for a model. */
const SMALLEST_BYTES = 1024 ** 3;

export function createAmdProbe(run: RunCommand, clock: Clock): DeviceProbe {
  const describe = createRarely(clock, (signal) => run('amd-smi', ['static', '--json'], signal));
  return {
    kind: 'amd',
    pace: 'costly',
    async read(signal) {
      const facts = await describe(signal);
      const cards = facts === null ? await askRocmSmi(run, signal) : await measure(facts.stdout, signal);
      return cards.filter(({ totalBytes }) => totalBytes >= SMALLEST_BYTES);
    },
  };

  async function measure(facts: string, signal: AbortSignal): Promise<readonly DeviceReading[]> {
    const metrics = await run(
      'amd-smi',
      ['metric', '--usage', '--power', '--temperature', '--mem-usage', '--json'],
      signal,
    );
    return readAmdCards(parseAmdCards(facts), parseAmdCards(metrics?.stdout ?? ''));
  }
}

async function askRocmSmi(run: RunCommand, signal: AbortSignal): Promise<readonly DeviceReading[]> {
  const answer = await run('rocm-smi', [...ROCM_ARGS, '--json'], signal);
  return answer === null ? [] : parseRocmSmi(answer.stdout);
}
