/** The few moves that every step is made of. Pure. */

import { assertNever } from '../../kernel/index.ts';
import type { Answer, Effect, InstanceState, Machine, Step, Waiter } from './state.ts';

export function stay(machine: Machine, effects: readonly Effect[] = []): Step {
  return { machine, effects };
}

/** The only place where a state is written. A timer of the state before is void from here on. */
export function enter(machine: Machine, state: InstanceState, effects: readonly Effect[] = []): Step {
  return { machine: { ...machine, state, generation: machine.generation + 1 }, effects };
}

/** An effect that wakes the state which the step enters. */
export function wake(entered: Step, afterMs: number): Step {
  const { machine, effects } = entered;
  return { machine, effects: [...effects, { kind: 'wake', generation: machine.generation, afterMs }] };
}

export function answer(waiter: number, what: Answer): Effect {
  return { kind: 'answer', waiter, answer: what };
}

/** Answers the waiters that `picks` names, and forgets them. */
export function answerWaiters(before: Step, picks: (waiter: Waiter) => boolean, what: Answer): Step {
  const { machine, effects } = before;
  const answered = machine.waiters.filter(picks);
  const waiters = machine.waiters.filter((waiter) => !picks(waiter));
  return {
    machine: { ...machine, waiters },
    effects: [...effects, ...answered.map((waiter) => answer(waiter.id, what))],
  };
}

/** The launch that the state is about; null when there is no process and none under way. */
export function launchOf(state: InstanceState): number | null {
  switch (state.kind) {
    case 'stopped':
    case 'asleep':
    case 'backoff':
    case 'failed':
      return null;
    case 'starting':
      return state.launch;
    case 'stopping':
      return state.phase === 'launching' ? state.launch : state.process.launch;
    case 'loading':
    case 'ready':
    case 'unhealthy':
      return state.process.launch;
    default:
      return assertNever(state);
  }
}
