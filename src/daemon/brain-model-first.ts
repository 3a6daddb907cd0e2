/** Places the brain's model in the controller's start: declared at the first hello of this host, up before the others. */

import type { Settings } from '../config/index.ts';
import { BRAIN_INSTANCE } from '../contract/index.ts';
import type { BrainInstance, WorkOwner } from '../fleet/index.ts';
import type { Scope } from '../kernel/index.ts';

interface BrainModelPlace {
  readonly model: Pick<BrainInstance, 'settle'>;
  readonly localHost: string;
  readonly scope: Pick<Scope, 'run'>;
}

/** The brain's end of the link; a hello tells the devices of its host, and with them the model can be declared. */
export function settlingBrainModel(owner: WorkOwner, { model, localHost, scope }: BrainModelPlace): WorkOwner {
  return {
    ...owner,
    async onHello(hello) {
      const answer = await owner.onHello(hello);
      if (hello.host === localHost) scope.run(() => model.settle());
      return answer;
    },
  };
}

/** Runs what brings up other instances once the brain's had its turn; never after the abort. */
export async function withBrainModelFirst(
  { hadItsTurn }: Pick<BrainInstance, 'hadItsTurn'>,
  signal: AbortSignal,
  bringUp: () => Promise<void>,
): Promise<void> {
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([hadItsTurn, ended]);
  if (!signal.aborted) await bringUp();
}

/** The alias means something from the start, also before its instance has been declared. */
export function brainNames({ brain }: Pick<Settings, 'brain'>): readonly string[] {
  return brain === null ? [] : [BRAIN_INSTANCE];
}
