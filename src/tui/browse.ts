/** What the keys do while one browses. Pure. */

import { askToStop, begin, confirmRestart } from './actions.ts';
import { commandOf } from './keys.ts';
import type { Key } from './keys.ts';
import { move, nextPane, selectedInstance, withSelection } from './selection.ts';
import { stay } from './state.ts';
import type { DashboardState, OpenLog, Step } from './state.ts';

export function browse(state: DashboardState, key: Key): Step {
  const command = commandOf(key);
  switch (command) {
    case null:
      return stay(state);
    case 'quit':
      return stay(state, { kind: 'quit', interrupted: false });
    case 'refresh':
      return stay(state, { kind: 'refresh' });
    case 'restart':
      return onSelected(state, confirmRestart);
    case 'up':
      return onSelected(state, (on, { name }) => begin(on, 'start', name));
    case 'down':
      return onSelected(state, askToStop);
    case 'logs':
      return toggleLog(state);
    case 'log-stream':
      return state.log ? openLog(state, { name: state.log.name, stream: otherStream(state.log) }) : stay(state);
    case 'filter':
      return stay({ ...state, mode: { kind: 'filter' }, focus: 'instances' });
    case 'help':
      return stay({ ...state, mode: { kind: 'help', top: 0 } });
    case 'next-pane':
      return stay(nextPane(state, 1));
    case 'previous-pane':
      return stay(nextPane(state, -1));
    case 'back':
      return goBack(state);
    default:
      return stay(move(state, command));
  }
}

function onSelected(
  state: DashboardState,
  act: (state: DashboardState, instance: NonNullable<ReturnType<typeof selectedInstance>>) => Step,
): Step {
  const instance = selectedInstance(state);
  if (instance) return act(state, instance);
  return stay({ ...state, notice: { kind: 'note', text: 'no instance is selected', hint: null, at: state.now } });
}

/** One thing at a time: an error, then the filter, then the log. */
function goBack(state: DashboardState): Step {
  const quiet: DashboardState = { ...state, notice: null };
  if (state.notice?.kind === 'error') return stay(quiet);
  if (state.filter !== '') return stay(withSelection({ ...quiet, filter: '' }, state));
  return state.log ? closeLog(quiet) : stay(quiet);
}

function toggleLog(state: DashboardState): Step {
  if (state.log) return closeLog(state);
  return onSelected(state, (on, { name }) => openLog(on, { name, stream: 'both' }));
}

function openLog(state: DashboardState, { name, stream }: Pick<OpenLog, 'name' | 'stream'>): Step {
  const log: OpenLog = { name, stream, lines: [], ended: null };
  return stay({ ...state, log, scrolls: { ...state.scrolls, log: 0 } }, { kind: 'follow-log', name, stream });
}

function closeLog(state: DashboardState): Step {
  return stay({ ...state, log: null, focus: state.focus === 'log' ? 'instances' : state.focus }, { kind: 'leave-log' });
}

function otherStream({ stream }: OpenLog): OpenLog['stream'] {
  return stream === 'both' ? 'stderr' : 'both';
}
