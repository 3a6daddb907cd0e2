/** A crash: how soon Drover has decided what to do about it, and how soon a new process begins, beside the peers. */

import { createClient } from '../../src/client/index.ts';
import { socketPath } from '../../src/config/paths.ts';
import type { Contestant } from './contestant.ts';
import { expectOk, instanceName, writeInstance } from './drover.ts';
import type { DroverContestant } from './drover.ts';
import { crash, epochMs, untilHealthy } from './program.ts';
import type { Program } from './program.ts';

/** Milliseconds from the kill to the first instruction of the successor. */
export async function measureCrashes(
  contestant: Contestant,
  program: Program,
  { port, crashes }: { readonly port: number; readonly crashes: number },
): Promise<readonly number[]> {
  await contestant.start([port]);
  await untilHealthy([port]);
  const times: number[] = [];
  for (let count = 0; count < crashes; count++) {
    times.push(await crash(program, port));
    await untilHealthy([port]);
  }
  await contestant.stop();
  return times;
}

/** Milliseconds from the kill until a reader of the events has seen that the instance backs off. */
export async function measureDecisions(
  { house }: DroverContestant,
  program: Program,
  { port, crashes }: { readonly port: number; readonly crashes: number },
): Promise<readonly number[]> {
  writeInstance(house, { port, program, restart: { initial_delay: '500ms', multiplier: 1, jitter: 0 } });
  await expectOk(house, 'up', instanceName(port));
  const client = createClient({ endpoint: { kind: 'socket', path: socketPath(house.home) } });
  const changes = client.events({ subject: `instance:${instanceName(port)}` });
  const until = async (to: string): Promise<void> => {
    for (;;) {
      const { value } = await changes.next();
      if (value?.type === 'instance.changed' && value.data['to'] === to) return;
    }
  };
  const times: number[] = [];
  for (let count = 0; count < crashes; count++) {
    const killedAt = epochMs();
    process.kill(program.beginnings(port).at(-1)?.pid ?? 0, 'SIGKILL');
    await until('backoff');
    times.push(epochMs() - killedAt);
    await until('ready');
  }
  await changes.return(undefined);
  await expectOk(house, 'down', instanceName(port));
  return times;
}
