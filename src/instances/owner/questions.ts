/** Puts the questions of an owner to its running engine when they are due: one of a kind at a time. Judges no answer. */

import type { InstanceSpec, ProbeRecord } from '../../contract/index.ts';
import type { Clock, Scope } from '../../kernel/index.ts';
import type { Prober } from './prober.ts';
import { UNTOLD } from '../machine/state.ts';
import type { InstanceEvent, RunningProcess } from '../machine/state.ts';

interface QuestionsDeps {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly scope: Scope;
  post(event: InstanceEvent): void;
  onProbe(probe: ProbeRecord): void;
}

interface Question {
  readonly spec: InstanceSpec;
  readonly process: RunningProcess;
  readonly afterMs: number;
}

interface Questions {
  /** `first`: the answer must come from that very process. */
  askHealth(question: Question & { readonly first: boolean }): void;
  askFirst(question: Question): void;
  askSlots(question: Question): void;
  sendCanary(question: Question): void;
  /** Whatever is asked or about to be is void. */
  stop(): void;
}

type Kind = 'health' | 'first' | 'slots' | 'canary';

export function createQuestions({ prober, clock, scope, post, onProbe }: QuestionsDeps): Questions {
  let current = new AbortController();
  const pending = new Map<Kind, Disposable>();

  /** Replaces a question of the kind that is not asked yet. */
  const after = (kind: Kind, ms: number, ask: (signal: AbortSignal) => Promise<InstanceEvent>): void => {
    const { signal } = current;
    pending.get(kind)?.[Symbol.dispose]();
    const timer = clock.after(ms, () =>
      scope.run(async () => {
        const event = await ask(signal);
        if (!signal.aborted) post(event);
      }),
    );
    pending.set(kind, timer);
  };

  return {
    askHealth: ({ spec, process, afterMs, first }) =>
      after('health', afterMs, async (signal) => {
        const begun = clock.monotonic();
        const report = first
          ? await prober.firstHealth(spec, process, signal)
          : { ...(await prober.health(spec, process, signal)), traits: UNTOLD };
        const { health, detail } = report;
        const latencyMs = Math.round(clock.monotonic() - begun);
        // What has never answered yet is loading, and is no failed check in the history.
        const noted = first && health === 'unhealthy' ? 'loading' : health;
        if (!signal.aborted) onProbe({ name: spec.name, at: clock.now(), health: noted, detail, latencyMs });
        return { kind: 'probed', launch: process.launch, ...report };
      }),
    askFirst: ({ spec, process, afterMs }) =>
      after('first', afterMs, async (signal) => {
        const answer = await prober.firstAnswer(spec, process, signal);
        return { kind: 'first-answered', launch: process.launch, answer };
      }),
    askSlots: ({ spec, process, afterMs }) =>
      after('slots', afterMs, async (signal) => {
        const answer = await prober.slots(spec, process, signal);
        return { kind: 'slots-seen', launch: process.launch, answer };
      }),
    sendCanary: ({ spec, process, afterMs }) =>
      after('canary', afterMs, async (signal) => {
        const answered = await prober.canary(spec, process, signal);
        const slots = await prober.slots(spec, process, signal);
        return { kind: 'canary-returned', launch: process.launch, answered, slots };
      }),
    stop() {
      for (const timer of pending.values()) timer[Symbol.dispose]();
      pending.clear();
      current.abort();
      current = new AbortController();
    },
  };
}
