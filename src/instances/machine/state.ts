/**
 * The states of an instance and what can happen to it: data only. `step.ts` decides, `owner.ts` acts.
 *
 *            launch          launched        healthy, and answers
 *   stopped ───────▶ starting ───────▶ loading ───────▶ ready ──── idle_ttl ──┐
 *      ▲                │ ▲               │  │            │ │ ◀── a waiter ──┐ │
 *      │        failed  │ │ due           │  └──────┐     │ │               │ │
 *      │                ▼ │               ▼         ▼     ▼ │ probes fail,  │ │
 *      │              backoff ◀────── exit ◀───── unhealthy │ it stands     │ │
 *      │                │                                   │ still, or the │ │
 *      │                └─▶ failed (sticky: an operator     │ load takes    │ │
 *      │                    or a new spec leads out)        │ too long      │ │
 *      │                                                    ▼               │ ▼
 *      └── stopping (launching → draining → asking → terminating → killing) ──▶ asleep
 *
 * `stopping` is reached from every state with a launch. It ends in `stopped`; with desired `running` (a restart, a
 * changed fingerprint, `up` during `down`) in `starting`; with the goal `sleep` and nobody waiting in `asleep`, which a
 * waiter or an operator leads out of, by starting.
 */

import type { DesiredState, EndedProcess, ExitInfo, Health, InstanceSpec } from '../../contract/index.ts';
import type { ErrorCode } from '../../contract/index.ts';
import type { FirstAnswer } from '../../engines/index.ts';
import type { ProcessIdentity } from '../../kernel/index.ts';
import type { Activity, SlotsAnswer } from './activity.ts';
import type { RestartHistory } from './restart-policy.ts';

/** All that was decided for a launch before the process exists. */
export interface LaunchPlan {
  /** Rises with every launch of the instance; names the launch's record. */
  readonly launch: number;
  readonly host: string;
  /** Null for an engine that runs elsewhere. */
  readonly port: number | null;
  /** Where requests go, without `/v1` and without a slash at the end. */
  readonly url: string;
  readonly key: string | null;
  /** What was reserved where. */
  readonly shares: readonly { readonly device: string; readonly bytes: number }[];
  /** The command line, without environment and key. */
  readonly command: readonly string[];
  readonly fingerprint: string;
  readonly startedAt: number;
  /** Where in the file of stderr this launch begins. */
  readonly stderrOffset: number;
}

/** What an engine tells of itself once it is well. */
export interface EngineTraits {
  /** The model's name in requests to it; null when it does not care. */
  readonly upstreamModel: string | null;
  /** Tokens that one request has room for; null when it does not tell. */
  readonly contextSize: number | null;
}

/** Of an engine that has not been asked yet. */
export const UNTOLD: EngineTraits = { upstreamModel: null, contextSize: null };

export interface RunningProcess extends LaunchPlan, EngineTraits {
  /** Null for an engine that runs elsewhere: there is no process of ours. */
  readonly identity: ProcessIdentity | null;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  /** True when starting again cannot help. */
  readonly permanent: boolean;
}

/** `asking`: its own stop command has the first word. */
type EndingPhase = 'asking' | 'terminating' | 'killing';

/** What comes after the process: what desired says, or sleep unless somebody waits. */
export type Goal = 'settle' | 'sleep';

export type InstanceState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting'; readonly launch: number; readonly fingerprint: string }
  | {
      readonly kind: 'loading';
      readonly process: RunningProcess;
      /** It is ready when it has said that it is well and then has answered a first request. */
      readonly awaits: 'health' | 'answer';
      readonly failures: number;
    }
  | {
      readonly kind: 'ready';
      readonly process: RunningProcess;
      readonly readyAt: number;
      readonly failures: number;
      readonly activity: Activity;
    }
  /** It hangs and is being ended; its exit counts as a crash. */
  | {
      readonly kind: 'unhealthy';
      readonly process: RunningProcess;
      readonly readyAt: number | null;
      readonly failure: Failure;
      readonly phase: EndingPhase;
    }
  | { readonly kind: 'backoff'; readonly dueAt: number; readonly delayMs: number; readonly failure: Failure }
  /** The launch that is under way cannot be taken back: its process is ended as soon as it exists. */
  | { readonly kind: 'stopping'; readonly phase: 'launching'; readonly launch: number }
  | {
      readonly kind: 'stopping';
      readonly phase: 'draining';
      readonly process: RunningProcess;
      readonly readyAt: number;
      readonly goal: Goal;
      /** Readings in a row that saw no busy slot. */
      readonly idleReadings: number;
    }
  | { readonly kind: 'stopping'; readonly phase: EndingPhase; readonly process: RunningProcess; readonly goal: Goal }
  /** Wanted running, unloaded for want of requests. */
  | { readonly kind: 'asleep' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface HealthObservation {
  readonly value: Health;
  readonly detail: string | null;
}

/** Somebody who awaits an answer; each gets exactly one. */
export type Waiter =
  /** `launch`: the earliest launch whose failure answers an operator. */
  | { readonly id: number; readonly awaits: 'ready'; readonly by: 'operator' | 'request'; readonly launch: number }
  | { readonly id: number; readonly awaits: 'stopped' };

export interface Machine {
  readonly spec: InstanceSpec;
  readonly desired: DesiredState;
  readonly state: InstanceState;
  /** Rises with every change of state. */
  readonly generation: number;
  /** Number of the last launch. */
  readonly launch: number;
  readonly history: RestartHistory;
  /** Restarts after crashes since an operator last started it. */
  readonly restarts: number;
  /** Launches in a row that lost their port to another program. */
  readonly portLosses: number;
  readonly health: HealthObservation;
  readonly lastExit: ExitInfo | null;
  /** The latest ends, oldest first. */
  readonly ended: readonly EndedProcess[];
  readonly waiters: readonly Waiter[];
  /** Removed by the operator: invisible, until it is declared again. */
  readonly forgotten: boolean;
}

/** What an earlier life of the agent left of an instance. */
export type Found =
  | { readonly kind: 'running'; readonly process: RunningProcess; readonly readyAt: number | null }
  | {
      readonly kind: 'ended';
      readonly launch: number;
      readonly pid: number | null;
      readonly readyAt: number | null;
      readonly exit: ExitInfo;
    }
  /** No process was there. */
  | { readonly kind: 'nothing' }
  /** The machine was restarted under it: whoever declares it again says when it comes up. */
  | { readonly kind: 'rebooted' };

export type InstanceEvent =
  | { readonly kind: 'declared'; readonly spec: InstanceSpec; readonly desired: DesiredState }
  | { readonly kind: 'forgotten' }
  /** Requests went to it. */
  | { readonly kind: 'used' }
  /** Its memory is wanted by somebody else. */
  | { readonly kind: 'sleep-asked' }
  /** Other machines may be called. */
  | { readonly kind: 'online' }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'ready-asked'; readonly waiter: number; readonly by: 'operator' | 'request' }
  | { readonly kind: 'stop-asked'; readonly waiter: number; readonly force: boolean }
  | { readonly kind: 'restart-asked'; readonly waiter: number; readonly force: boolean }
  | { readonly kind: 'waiter-left'; readonly waiter: number }
  | { readonly kind: 'launched'; readonly process: RunningProcess }
  | { readonly kind: 'launch-failed'; readonly launch: number; readonly failure: Failure }
  /** Nothing of the process and its children is left. */
  | { readonly kind: 'exited'; readonly launch: number; readonly exit: ExitInfo; readonly portLost: boolean }
  | {
      readonly kind: 'probed';
      readonly launch: number;
      readonly health: Exclude<Health, 'unknown'>;
      readonly detail: string | null;
      readonly traits: EngineTraits;
    }
  | { readonly kind: 'first-answered'; readonly launch: number; readonly answer: FirstAnswer }
  | { readonly kind: 'slots-seen'; readonly launch: number; readonly answer: SlotsAnswer }
  /** The one-token request has been answered, or not in time; `slots` is what a look right after it saw. */
  | {
      readonly kind: 'canary-returned';
      readonly launch: number;
      readonly answered: boolean;
      readonly slots: SlotsAnswer;
    }
  /** The engine's stop command could not do its work. */
  | { readonly kind: 'asked-in-vain'; readonly launch: number }
  | { readonly kind: 'timer'; readonly generation: number };

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failure'; readonly failure: Failure };

export type Effect =
  | { readonly kind: 'launch'; readonly launch: number }
  | { readonly kind: 'probe'; readonly process: RunningProcess; readonly afterMs: number }
  /** One token, or one embedding: the first request after the load. */
  | { readonly kind: 'ask-first'; readonly process: RunningProcess; readonly afterMs: number }
  | { readonly kind: 'see-slots'; readonly process: RunningProcess; readonly afterMs: number }
  | { readonly kind: 'send-canary'; readonly process: RunningProcess }
  /** Replaces the timer of the state before. */
  | { readonly kind: 'wake'; readonly generation: number; readonly afterMs: number }
  /** Runs the engine's own stop command. */
  | { readonly kind: 'ask-to-end'; readonly process: RunningProcess }
  | { readonly kind: 'terminate'; readonly process: RunningProcess }
  | { readonly kind: 'kill'; readonly process: RunningProcess }
  /** Give back memory and port. */
  | { readonly kind: 'release' }
  | { readonly kind: 'answer'; readonly waiter: number; readonly answer: Answer }
  /** What others see has changed: write the record, then tell. */
  | { readonly kind: 'report' };

export interface StepContext {
  /** Epoch ms. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

export interface Step {
  readonly machine: Machine;
  readonly effects: readonly Effect[];
}
