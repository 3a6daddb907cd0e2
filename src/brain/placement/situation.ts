/** What is known when it is decided which models to load and unload: waiting work, cards, instances. Data, and how it is counted in words. */

/** Tasks that wait for a model, none of which has gone to an instance yet. */
export interface ModelWork {
  /** The name that their plan uses. */
  readonly model: string;
  readonly waiting: number;
  readonly batches: ReadonlySet<string>;
  /** Since when the one waits that has waited longest, epoch ms. */
  readonly oldestAt: number;
  /** How long a slot is busy with one of them; a guess before the first. */
  readonly taskMs: number;
}

/** Script tasks of one batch and one size that no device has room for now. */
export interface ScriptWork {
  readonly batchId: string;
  readonly memoryBytes: number;
  readonly waiting: number;
}

/** What it takes to load a model once more. */
export interface Loadable {
  readonly memoryBytes: number;
  /** Requests that it serves at a time. */
  readonly slots: number;
  /** What a load takes, as measured; an estimate before the first. */
  readonly loadMs: number;
  /** How many more may be loaded now: those of a fixed name have no others beside them. */
  readonly most: number;
  /** Devices that it is bound to; null: any card, or the CPU of a host that has none. */
  readonly devices: readonly string[] | null;
}

export interface Card {
  readonly id: string;
  readonly isCpu: boolean;
  readonly totalBytes: number;
  /** Most that tasks and instances may hold together before tasks are refused. */
  readonly taskBudgetBytes: number;
  readonly instanceBytes: number;
  readonly taskBytes: number;
  /** Loads into devices of one group slow each other down. */
  readonly loadGroup: string;
  /** It takes instances, and its condition is normal. */
  readonly isOpen: boolean;
}

export interface ServedInstance {
  readonly name: string;
  /** What it has loaded: a catalogue id, or its own name. */
  readonly model: string;
  /** All names under which plans may mean it. */
  readonly models: ReadonlySet<string>;
  readonly devices: readonly string[];
  readonly memoryBytes: number;
  /** `coming`: being started or loaded. `other`: stopping, asleep, failed. */
  readonly state: 'coming' | 'ready' | 'other';
  readonly slots: number;
  readonly busySlots: number;
  readonly readyAt: number | null;
  /** When a slot of it was last given or came back, epoch ms; null when that is not known. */
  readonly usedAt: number | null;
  readonly isPinned: boolean;
}

export interface Serving extends ServedInstance {
  /** Since when none of its slots has been busy, as far as seen; null while one is. */
  readonly idleSince: number | null;
}

export interface Situation {
  readonly now: number;
  readonly work: readonly ModelWork[];
  readonly scripts: readonly ScriptWork[];
  readonly cards: readonly Card[];
  readonly instances: readonly Serving[];
  /** Null: nothing may load it (its instances are stopped by hand), or it is not known yet what it takes. */
  readonly loadable: (model: string) => Loadable | null;
  /** Loads and unloads under way that the instances do not show yet. */
  readonly pending: readonly Placement[];
  /** Loads that failed lately and are left alone for now, as `MODEL DEVICE`. */
  readonly refused: ReadonlySet<string>;
}

/** One thing to do, with its reason for people. */
export type Placement =
  | { readonly kind: 'load'; readonly model: string; readonly device: string; readonly because: string }
  | { readonly kind: 'unload'; readonly instance: string; readonly because: string };

/** A device that a load waits for: no new tasks may go there. */
export interface Claim {
  readonly device: string;
  readonly model: string;
}

export interface Decision {
  readonly placements: readonly Placement[];
  readonly claims: readonly Claim[];
}
