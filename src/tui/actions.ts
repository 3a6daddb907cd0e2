/** Actions on instances: questions before them, what runs, and what came of it. Pure. */

import { formatDuration } from '../contract/durations.ts';
import type { InstanceView } from '../contract/instance-views.ts';
import type { Key } from './keys.ts';
import { stay } from './state.ts';
import type { DashboardEvent, DashboardState, Mode, Notice, Step, Verb } from './state.ts';

export const DOING: Readonly<Record<Verb, string>> = { start: 'starting', stop: 'stopping', restart: 'restarting' };

export function confirmRestart(state: DashboardState, { name, slots }: InstanceView): Step {
  return ask(state, 'restart', name, `Restart ${name}?${runningRequests(slots.busy)}`);
}

/** Asks only where somebody is served. */
export function askToStop(state: DashboardState, { name, slots }: InstanceView): Step {
  if (slots.busy === 0) return begin(state, 'stop', name);
  return ask(state, 'stop', name, `Stop ${name}?${runningRequests(slots.busy)}`);
}

function runningRequests(busy: number): string {
  if (busy === 0) return '';
  return busy === 1 ? ' 1 request runs on it.' : ` ${busy} requests run on it.`;
}

function ask(state: DashboardState, verb: Verb, name: string, question: string): Step {
  return stay({ ...state, mode: { kind: 'confirm', verb, name, question } });
}

/** `y` does it, `n` and Esc do not; other keys leave the question standing. */
export function settleConfirm(state: DashboardState, mode: Extract<Mode, { kind: 'confirm' }>, key: Key): Step {
  const browsing: DashboardState = { ...state, mode: { kind: 'browse' } };
  if (key === 'y' || key === 'Y') return begin(browsing, mode.verb, mode.name);
  return stay(['n', 'N', 'q', 'escape'].includes(key) ? browsing : state);
}

export function begin(state: DashboardState, verb: Verb, name: string): Step {
  if (state.actions.some((action) => action.verb === verb && action.name === name)) {
    const text = `${name} is being ${verb === 'stop' ? 'stopped' : `${verb}ed`} already`;
    return stay({ ...state, notice: { kind: 'note', text, hint: null, at: state.now } });
  }
  const actions = [...state.actions, { verb, name, since: state.now }];
  return stay({ ...state, actions, notice: null }, { kind: 'act', verb, name });
}

export function finishAction(
  state: DashboardState,
  event: Extract<DashboardEvent, { kind: 'action-done' | 'action-failed' }>,
): DashboardState {
  const isOver = ({ verb, name }: { verb: Verb; name: string }): boolean => verb === event.verb && name === event.name;
  const notice: Notice =
    event.kind === 'action-done'
      ? {
          kind: 'done',
          text: `${event.name} is ${event.outcome}, after ${formatDuration(event.tookMs)}`,
          hint: null,
          at: state.now,
        }
      : { kind: 'error', text: event.message, hint: event.hint, at: state.now };
  return { ...state, actions: state.actions.filter((action) => !isOver(action)), notice };
}
