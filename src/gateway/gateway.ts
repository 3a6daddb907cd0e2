/** The gateway put together: the front door over HTTP and the same service for callers in this process. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { AppError } from '../contract/errors.ts';
import { counted } from '../kernel/index.ts';
import type { Clock, Log, Random } from '../kernel/index.ts';
import { createContextCheck } from './context/context-check.ts';
import { createFrontDoor } from './door/front-door.ts';
import { createHolders } from './door/holders.ts';
import type { Holder } from './door/holders.ts';
import { refusalError } from './door/refusals.ts';
import { createInProcess } from './in-process.ts';
import type { InProcess } from './in-process.ts';
import { createKeptBodies } from './inspect/kept-bodies.ts';
import type { KeptBodies } from './inspect/kept-bodies.ts';
import { createRequestBook } from './inspect/request-book.ts';
import type { RequestFace } from './inspect/request-book.ts';
import { seenRequests } from './inspect/seen-requests.ts';
import type { SeenRequest } from './inspect/seen-requests.ts';
import { sleeperOf } from './placing/availability.ts';
import type { Breaker } from './placing/breaker.ts';
import type { DecisionLine } from './placing/decisions.ts';
import type { Wait } from './protocols/call.ts';
import { waitOf } from './queue/wait-of.ts';
import { relay } from './relay/relay.ts';
import type { Relayed } from './relay/relay.ts';
import { RunningRequests } from './relay/running-requests.ts';
import type { ReplySink } from './relay/ending.ts';
import { TokenRates } from './relay/token-rates.ts';
import { createUpstreams } from './relay/upstream.ts';
import { createDispatcher } from './slots/dispatcher.ts';
import { createHeldSlots } from './slots/held-slots.ts';
import { takeSnapshot } from './slots/snapshot.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type {
  GatewaySnapshot,
  InstanceLoad,
  InstanceListener,
  ModelCapacity,
  ModelDirectory,
  RequestRecord,
} from './types.ts';
import type { GatewayLimits } from './limits.ts';
import type { Wake, WakeCall, WakeCourse } from './waking/wake-calls.ts';

interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly models: ModelDirectory;
  /** Fields that are given replace the defaults. */
  readonly limits?: Partial<GatewayLimits>;
  /** Base URL of the front door without `/v1`, asked each time a slot is handed out. */
  readonly frontDoorUrl: () => string;
  /** Gets up what sleeps; requests for it wait meanwhile. */
  readonly wake: Wake;
  /** Free memory of a device, as last told; without it the strategy by memory has nothing to go by. */
  readonly freeBytes?: (device: string) => number;
  /** A slot of the instance was given, or came back. Called often: it must be quick. */
  readonly onSlotUsed?: (instance: string) => void;
  /** Called once per finished request, after its terminal event. */
  readonly onUsage?: (record: RequestRecord) => void;
  /** A request was turned away before it was understood: it gets no record. */
  readonly onRefused?: (error: AppError) => void;
}

export interface Gateway extends InProcess, InstanceListener {
  /** Answers what `isFrontDoorPath` says; `holder` is null for a caller without a key. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse, holder: Holder | null): void;
  /** Answers an error in the shape of the protocol that the request speaks. */
  refuse(response: ServerResponse, error: AppError): void;
  /** Ends requests that wait or run, as far as they are meant, with the error, at once; resolves when they have ended. */
  endRequests(isMeant: (face: RequestFace) => boolean, error: AppError): Promise<void>;
  /** A request of somebody in this process who hears the answer as it comes; see `serve`. */
  relay(call: RelayedCall, sink: ReplySink, stop: AbortController): Promise<void>;
  /** Where a request stands that waits for the model. */
  waitOf(id: string): Wait;
  /** Who has to get up before a request of the model can be served; null when nobody has. */
  sleeperOf(model: string): WakeCall | null;
  /** Whether the token opens a slot that is held. */
  knowsSlot(token: string): boolean;
  /** Slots of instances on `strained` devices are not counted: they take no new work of plans. */
  capacity(model: string, strained?: ReadonlySet<string>): ModelCapacity;
  /** From now on; fields that are not given stay. */
  setLimits(limits: Partial<GatewayLimits>): void;
  /** Tell that the directory has changed, so that waiting requests are looked at again. */
  onDirectoryChanged(): void;
  /** Tell that the catalogue says something else of the model: if it could not be loaded, it may be tried at once. */
  onModelChanged(model: string): void;
  snapshot(): GatewaySnapshot;
  loadOf(instance: string): InstanceLoad;
  breakerOf(instance: string): Breaker['kind'];
  /** Gives the instance nothing new until the hold is disposed of; what waits for it waits. */
  holdBack(instance: string): Disposable;
  /** Requests wait for the instance, or for any like it. */
  isWanted(instance: string): boolean;
  /** Resolves when no request of the instance is in flight; rejects with TIMEOUT. */
  untilIdle(instance: string, timeoutMs: number): Promise<void>;
  /** What waits or runs, and what has ended lately; newest first. */
  requests(): readonly SeenRequest[];
  /** What was said of each instance when a place for the request was looked for last; null when nobody remembers. */
  whyPlaced(id: string): readonly DecisionLine[] | null;
  /** How far that has come which has to get up for a waiting request; null when nothing has to, or nothing is known. */
  waking(id: string): WakeCourse | null;
  /** Of a request whose bodies were kept; see `keepBodies` of the limits. */
  bodiesOf(id: string): ReturnType<KeptBodies['of']>;
  /** Aborts what runs, refuses what waits, closes the connections to engines. */
  close(): Promise<void>;
}

interface RelayedCall extends Omit<Relayed, 'life' | 'held'> {
  readonly face: RequestFace;
}

const NONE: ReadonlySet<string> = new Set();

export function createGateway(deps: GatewayDeps): Gateway {
  const { clock, log, models } = deps;
  const limits: GatewayLimits = { ...DEFAULT_LIMITS, ...deps.limits };
  const upstreams = createUpstreams(() => limits.offline);
  const dispatcher = createDispatcher({
    ...deps,
    limits,
    onSlotUsed: (name) => deps.onSlotUsed?.(name),
    freeBytes: (device) => deps.freeBytes?.(device) ?? 0,
  });
  const book = createRequestBook({ clock, log, history: limits.history, onEnded: (record) => deps.onUsage?.(record) });
  const held = createHeldSlots();
  const running = new RunningRequests();
  const rates = new TokenRates();
  const contextCheck = createContextCheck({ dispatcher, upstreams });
  const serveDeps = { clock, dispatcher, upstreams, limits, rates, contextCheck };
  const holders = createHolders({ clock });
  const bodies = createKeptBodies(() => limits.keepBodies);
  const onRefused = (error: AppError): void => deps.onRefused?.(error);
  const relayDeps = { ...serveDeps, holders, running };
  const door = createFrontDoor({ ...relayDeps, book, held, bodies, models, log, onRefused });

  const inProcess = createInProcess({ ...relayDeps, book, held, frontDoorUrl: deps.frontDoorUrl });

  return {
    ...inProcess,
    // Every part holds this very object and looks into it when it decides.
    setLimits: (changed) => void Object.assign(limits, changed),
    handle: door.handle,
    refuse: door.refuse,
    endRequests: (isMeant, error) => running.end(isMeant, error),
    relay: ({ face, ...relayed }, sink, stop) =>
      relay({ ...relayed, life: book.open(face), held: null }, sink, stop, relayDeps),
    waitOf: (id) => waitOf(id, dispatcher),
    sleeperOf: (model) => sleeperOf(models.resolve(model), dispatcher.reports()),
    knowsSlot: (token) => held.find(token) !== null,
    capacity: (model, strained = NONE) => dispatcher.capacity(model, strained),
    setInstances: (reports) => dispatcher.setInstances(reports),
    onInstance: (report) => dispatcher.onInstance(report),
    onInstanceGone(name) {
      rates.forget(name);
      dispatcher.onInstanceGone(name);
    },
    onDirectoryChanged: () => dispatcher.onDirectoryChanged(),
    onModelChanged: (model) => dispatcher.onModelChanged(model),
    snapshot: () => takeSnapshot(dispatcher.picture(), book, door.bufferedBytes()),
    loadOf: (instance) => ({
      busySlots: dispatcher.busySlots(instance),
      tokensPerSecond: rates.perSecond(instance, clock.monotonic()),
    }),
    breakerOf: (instance) => dispatcher.breakerOf(instance),
    holdBack: (instance) => dispatcher.holdBack(instance),
    isWanted: (instance) => dispatcher.isWanted(instance),
    untilIdle: (instance, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = clock.after(timeoutMs, () =>
          reject(stillBusy(instance, dispatcher.busySlots(instance), timeoutMs)),
        );
        void dispatcher.untilIdle(instance).then(() => {
          timer[Symbol.dispose]();
          resolve();
        });
      }),
    requests: () => seenRequests(book, clock.monotonic()),
    whyPlaced: (id) => dispatcher.why(id),
    waking: (id) => dispatcher.waking(id),
    bodiesOf: (id) => bodies.of(id),
    async close() {
      dispatcher.close();
      held.releaseAll();
      running.endAll(refusalError({ kind: 'closing' }));
      await upstreams.close();
    },
  };
}

function stillBusy(instance: string, busy: number, ms: number): AppError {
  const message = `${counted(busy, 'request')} of ${instance} still in flight after ${ms} ms`;
  return new AppError('TIMEOUT', message, { hint: 'it takes nothing new; ask again, or run "drover ps"' });
}
