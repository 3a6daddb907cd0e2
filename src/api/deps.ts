/** What the API needs from the rest of the controller. The composition root provides it. */

import type { Brain, TrainingLog } from '../brain/index.ts';
import type { DaemonStatusView, EngineView, ReloadView, StatusView } from '../contract/index.ts';
import type {
  Artifacts,
  DeviceKeeper,
  Hosts,
  InstanceDirectory,
  ModelCopies,
  ModelDownloads,
  ModelFiles,
  ModelPools,
  ModelRegistry,
  PlanShelf,
} from '../fleet/index.ts';
import type { DurableRequests, Gateway } from '../gateway/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { DoorRules } from './auth.ts';
import type { HttpLimits } from './http-server.ts';
import type { KeyRing } from './keys.ts';

export interface DaemonControl {
  status(): DaemonStatusView;
  overview(): Promise<StatusView>;
  /** Reads the settings again. Throws CONFIG_INVALID, and then nothing has changed. */
  reload(): ReloadView;
  /** Answers at once; the controller goes down after the answer is sent. */
  stop(options: { readonly all: boolean }): void;
}

export interface ApiDeps {
  readonly store: Store;
  readonly brain: Brain;
  readonly training: TrainingLog;
  readonly gateway: Gateway;
  readonly tasks: DurableRequests;
  readonly artifacts: Artifacts;
  readonly telemetry: Pick<Telemetry, 'scrape'>;
  readonly hosts: Hosts;
  readonly instances: InstanceDirectory;
  readonly models: ModelRegistry;
  readonly modelFiles: ModelFiles;
  readonly modelCopies: ModelCopies;
  readonly modelDownloads: ModelDownloads;
  readonly pools: ModelPools;
  readonly plans: PlanShelf;
  readonly deviceKeeper: DeviceKeeper;
  readonly daemon: DaemonControl;
  /** What kinds of engines this machine has. */
  readonly engines: (signal: AbortSignal) => Promise<readonly EngineView[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** `DROVER_HOME`, where the logs lie. */
  readonly home: string;
  readonly version: string;
  readonly keys: KeyRing;
  /** What counts at the front door right now. */
  readonly door: () => DoorRules;
  /** Null: the front door speaks HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly limits: HttpLimits;
  /** Aborts when the controller goes down: streams end then. */
  readonly signal: AbortSignal;
}
