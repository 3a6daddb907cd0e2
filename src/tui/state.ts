/** What the dashboard knows and what can happen to it. Types only, and the first state. */

import type { StatusView } from '../contract/daemon.ts';
import type { FactView } from '../contract/facts.ts';
import type { InstanceView } from '../contract/instance-views.ts';
import type { Key } from './keys.ts';
import type { Pane } from './layout.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What the controller last told. */
export interface Picture {
  readonly instances: readonly InstanceView[];
  readonly status: StatusView;
  /** Epoch ms here. */
  readonly at: number;
}

type Link = { readonly kind: 'connected' } | { readonly kind: 'disconnected'; readonly reason: string };

export type Mode =
  | { readonly kind: 'browse' }
  | { readonly kind: 'filter' }
  | { readonly kind: 'help'; readonly top: number }
  | { readonly kind: 'confirm'; readonly verb: Verb; readonly name: string; readonly question: string };

export type Verb = 'start' | 'stop' | 'restart';

/** Asked of the controller, not yet answered. */
export interface RunningAction {
  readonly verb: Verb;
  readonly name: string;
  readonly since: number;
}

export interface Notice {
  readonly kind: 'done' | 'note' | 'error';
  readonly text: string;
  readonly hint: string | null;
  readonly at: number;
}

export type LogStream = 'both' | 'stderr';

export interface OpenLog {
  readonly name: string;
  readonly stream: LogStream;
  /** The newest, oldest first. */
  readonly lines: readonly string[];
  /** Why nothing more comes; null while it is followed. */
  readonly ended: string | null;
}

/** Lines by which a pane is scrolled: devices down from the first, facts and log up from the newest. */
type Scrolls = Readonly<Record<'devices' | 'facts' | 'log', number>>;

export interface DashboardState {
  readonly size: Size;
  readonly now: number;
  readonly link: Link;
  readonly picture: Picture;
  /** The newest, oldest first. */
  readonly facts: readonly FactView[];
  readonly filter: string;
  /** Name of an instance. */
  readonly selected: string | null;
  readonly focus: Pane;
  readonly scrolls: Scrolls;
  readonly mode: Mode;
  readonly log: OpenLog | null;
  readonly actions: readonly RunningAction[];
  readonly notice: Notice | null;
}

export type DashboardEvent =
  | { readonly kind: 'ticked'; readonly now: number }
  | { readonly kind: 'resized'; readonly size: Size }
  | { readonly kind: 'key-pressed'; readonly key: Key }
  | { readonly kind: 'pictured'; readonly picture: Picture }
  | { readonly kind: 'facts-told'; readonly facts: readonly FactView[] }
  | { readonly kind: 'disconnected'; readonly reason: string }
  | { readonly kind: 'log-read'; readonly name: string; readonly stream: LogStream; readonly lines: readonly string[] }
  | { readonly kind: 'log-ended'; readonly name: string; readonly stream: LogStream; readonly reason: string }
  | {
      readonly kind: 'action-done';
      readonly verb: Verb;
      readonly name: string;
      readonly outcome: string;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'action-failed';
      readonly verb: Verb;
      readonly name: string;
      readonly message: string;
      readonly hint: string | null;
    };

/** What the shell does for the state. */
export type Effect =
  | { readonly kind: 'refresh' }
  | { readonly kind: 'act'; readonly verb: Verb; readonly name: string }
  | { readonly kind: 'follow-log'; readonly name: string; readonly stream: LogStream }
  | { readonly kind: 'leave-log' }
  | { readonly kind: 'quit'; readonly interrupted: boolean };

export interface Step {
  readonly state: DashboardState;
  readonly effects: readonly Effect[];
}

export const stay = (state: DashboardState, ...effects: readonly Effect[]): Step => ({ state, effects });

/** Facts and log lines that are kept. */
export const MAX_FACTS = 300;
export const MAX_LOG_LINES = 2_000;

export function initialState(size: Size, picture: Picture): DashboardState {
  return {
    size,
    picture,
    now: picture.at,
    link: { kind: 'connected' },
    facts: [],
    filter: '',
    selected: picture.instances[0]?.name ?? null,
    focus: 'instances',
    scrolls: { devices: 0, facts: 0, log: 0 },
    mode: { kind: 'browse' },
    log: null,
    actions: [],
    notice: null,
  };
}
