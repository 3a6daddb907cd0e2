/**
 * The dashboard's one writer: what happened and the state before make the state after, and what is to be done. Pure;
 * keys while one browses are `browse.ts`.
 */

import { assertNever } from '../kernel/assert-never.ts';
import { finishAction, settleConfirm } from './actions.ts';
import { browse } from './browse.ts';
import { commandOf, KEY_TABLE } from './keys.ts';
import type { Key } from './keys.ts';
import { helpRows } from './layout.ts';
import { withSelection } from './selection.ts';
import { MAX_FACTS, MAX_LOG_LINES, stay } from './state.ts';
import type { DashboardEvent, DashboardState, Mode, OpenLog, Picture, Size, Step } from './state.ts';

export function reduce(state: DashboardState, event: DashboardEvent): Step {
  switch (event.kind) {
    case 'ticked':
      return stay(withoutStaleNotice({ ...state, now: event.now }));
    case 'resized':
      return stay({ ...state, size: event.size });
    case 'key-pressed':
      return keepLog(state, onKey(state, event.key));
    case 'pictured':
      return keepLog(state, onPicture(state, event.picture));
    case 'facts-told':
      return stay(withFacts(state, event.facts), { kind: 'refresh' });
    case 'disconnected':
      return stay({ ...state, link: { kind: 'disconnected', reason: event.reason } });
    case 'log-read':
      return stay(withLogLines(state, event));
    case 'log-ended':
      return stay(isOpen(state.log, event) ? { ...state, log: { ...state.log, ended: event.reason } } : state);
    case 'action-done':
    case 'action-failed':
      return stay(finishAction(state, event), { kind: 'refresh' });
    default:
      return assertNever(event);
  }
}

function onKey(state: DashboardState, key: Key): Step {
  if (key === 'interrupt') return stay(state, { kind: 'quit', interrupted: true });
  switch (state.mode.kind) {
    case 'browse':
      return browse(state, key);
    case 'filter':
      return stay(editFilter(state, key));
    case 'help':
      return stay({ ...state, mode: scrollHelp(state.mode, state.size, key) });
    case 'confirm':
      return settleConfirm(state, state.mode, key);
    default:
      return assertNever(state.mode);
  }
}

/** A small screen does not hold all keys at once; every key but the moving ones closes the help. */
function scrollHelp({ top }: { readonly top: number }, size: Size, key: Key): Mode {
  const command = commandOf(key);
  const last = Math.max(0, KEY_TABLE.length - helpRows(size));
  if (command === 'line-down') return { kind: 'help', top: Math.min(last, top + 1) };
  if (command === 'line-up') return { kind: 'help', top: Math.max(0, top - 1) };
  if (command === 'page-down' || command === 'last') return { kind: 'help', top: last };
  if (command === 'page-up' || command === 'first') return { kind: 'help', top: 0 };
  return { kind: 'browse' };
}

function editFilter(state: DashboardState, key: Key): DashboardState {
  switch (key) {
    case 'enter':
      return { ...state, mode: { kind: 'browse' } };
    case 'escape':
      return withSelection({ ...state, filter: '', mode: { kind: 'browse' } }, state);
    case 'backspace':
      return withSelection({ ...state, filter: [...state.filter].slice(0, -1).join('') }, state);
    default:
      return [...key].length === 1 ? withSelection({ ...state, filter: state.filter + key }, state) : state;
  }
}

/** An open log is always that of the selected instance. */
function keepLog(before: DashboardState, { state, effects }: Step): Step {
  const { log, selected } = state;
  if (!log || selected === null || log.name === selected || before.log === null) return { state, effects };
  const scrolls = { ...state.scrolls, log: 0 };
  return {
    state: { ...state, scrolls, log: { name: selected, stream: log.stream, lines: [], ended: null } },
    effects: [...effects, { kind: 'follow-log', name: selected, stream: log.stream }],
  };
}

/** Whoever sends a picture is there again: a log that was cut is read anew. */
function onPicture(state: DashboardState, picture: Picture): Step {
  const pictured = withSelection({ ...state, picture, now: picture.at, link: { kind: 'connected' } }, state);
  if (!state.log || state.link.kind === 'connected') return stay(pictured);
  const { name, stream } = state.log;
  return stay({ ...pictured, log: { name, stream, lines: [], ended: null } }, { kind: 'follow-log', name, stream });
}

function withFacts(state: DashboardState, told: DashboardState['facts']): DashboardState {
  const facts = [...state.facts, ...told].slice(-MAX_FACTS);
  return {
    ...state,
    facts,
    scrolls: { ...state.scrolls, facts: held(state.scrolls.facts, told.length, facts.length) },
  };
}

function withLogLines(
  state: DashboardState,
  read: OpenLogEvent & { readonly lines: readonly string[] },
): DashboardState {
  if (!isOpen(state.log, read)) return state;
  const lines = [...state.log.lines, ...read.lines].slice(-MAX_LOG_LINES);
  const scrolls = { ...state.scrolls, log: held(state.scrolls.log, read.lines.length, lines.length) };
  return { ...state, log: { ...state.log, lines }, scrolls };
}

/** A pane that is scrolled back stands still while lines come; one at its end follows. */
function held(back: number, added: number, kept: number): number {
  return back === 0 ? 0 : Math.min(back + added, kept);
}

interface OpenLogEvent {
  readonly name: string;
  readonly stream: string;
}

function isOpen(log: OpenLog | null, event: OpenLogEvent): log is OpenLog {
  return log !== null && log.name === event.name && log.stream === event.stream;
}

const SHOWN_MS = { done: 8_000, note: 8_000, error: 60_000 } as const;

function withoutStaleNotice(state: DashboardState): DashboardState {
  const { notice, now } = state;
  return notice && now - notice.at > SHOWN_MS[notice.kind] ? { ...state, notice: null } : state;
}
