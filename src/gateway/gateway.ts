/** The gateway's public face. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock, Log, Random } from '../kernel/index.ts';
import type {
  GatewayLimits,
  GatewaySnapshot,
  GenerateCall,
  GenerateResult,
  InstanceMirror,
  ModelDirectory,
  RequestRecord,
  SlotCall,
  SlotLease,
} from './types.ts';

export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly models: ModelDirectory;
  /** Fields that are given replace the defaults. */
  readonly limits?: Partial<GatewayLimits>;
  /** Base URL of the front door without `/v1`, asked each time a slot is handed out. */
  readonly frontDoorUrl: () => string;
  /** Called once per finished request, after its terminal event. Must not throw. */
  readonly onUsage?: (record: RequestRecord) => void;
}

export interface Gateway extends InstanceMirror {
  /** Answers everything under `/v1`. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Never rejects: every way to fail is a result. */
  generate(call: GenerateCall): Promise<GenerateResult>;
  /** Waits in the queue like a request. Rejects with an AppError: MODEL_NOT_FOUND, INSTANCE_STOPPED, QUEUE_FULL, ABORTED … */
  acquireSlot(call: SlotCall): Promise<SlotLease>;
  /** Tell that the directory has changed, so that waiting requests are looked at again. */
  onDirectoryChanged(): void;
  snapshot(): GatewaySnapshot;
  /** Finished requests, newest first. */
  recent(): readonly RequestRecord[];
  /** Aborts what runs, refuses what waits, closes the connections to engines. */
  close(): Promise<void>;
}
