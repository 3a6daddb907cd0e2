/** Why a ready task has not gone yet, in one sentence for people; null when it is only its turn that it waits for. */

import { laneOf, NO_MODEL } from '../known.ts';
import type { Book } from '../book.ts';
import type { Known } from '../known.ts';
import { choiceWords } from '../choosing/choices.ts';
import { strainedDevices, usableHosts } from './hand-out.ts';
import type { AgentPort, InferencePort } from '../ports.ts';
import { whyNoDevice } from './why-no-device.ts';

interface WhyDeps {
  readonly agents: AgentPort;
  readonly inference: InferencePort;
  /** The controller's own host. */
  readonly home: string;
  /** What is being done about a model that nothing serves; null when nothing is. */
  readonly placing: (model: string) => string | null;
}

export function whyReady(known: Known, book: Book, { agents, inference, placing, home }: WhyDeps): string | null {
  const { batch } = known;
  if (batch.paused) return `its batch is paused: drover batch resume ${batch.id}`;
  const lane = laneOf(known);
  if ('model' in lane) {
    const chosen = choiceWords(known, book);
    if (lane.model === NO_MODEL) return chosen;
    const { slots, reason } = inference.capacity(lane.model, strainedDevices(agents));
    if (slots === 0) {
      const why = placing(lane.model) ?? reason ?? 'no instance of it is ready';
      return `waits for ${chosen ?? `model ${lane.model}`}: ${why}`;
    }
  }
  if (lane.kind === 'ask' || lane.kind === 'expand' || lane.kind === 'check') return null;
  const hosts = usableHosts(book, agents);
  if (hosts.length === 0) return `waits for an agent: ${away(agents.silent())}`;
  if (lane.kind === 'home' && !hosts.includes(home)) return `waits for the agent of the controller's host, ${home}`;
  return whyNoDevice(
    lane,
    hosts.flatMap((host) => agents.devices(host)),
  );
}

function away(silent: readonly string[]): string {
  return silent.length === 0 ? 'none is connected' : `nothing is heard of ${silent.join(', ')}`;
}
