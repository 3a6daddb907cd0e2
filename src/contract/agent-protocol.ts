/**
 * Frames on the agent link: one JSON object per WebSocket message. The agent dials; the controller answers its
 * `hello` with `welcome` or `refused`. Everything up is idempotent, so that a frame sent again after a cut changes nothing.
 */

import { z } from 'zod';

import { devicePolicySchema, deviceReportSchema } from './devices.ts';
import { DESIRED_STATES, instanceReportSchema, instanceSpecSchema, probeRecordSchema } from './instances.ts';
import { fetchOrderSchema, fetchProgressSchema } from './models.ts';
import { attemptRefSchema, grantSchema, outcomeSchema } from './tasks.ts';

/** A mismatch is refused with an error that names both sides. */
export const PROTOCOL_VERSION = 4;

export const LEASE = { renewMs: 5_000, suspectMs: 15_000, expiryMs: 20_000, graceMs: 5_000 } as const;

/** An attempt that an agent holds: granted and queued on its side, or running. */
const liveAttemptSchema = z.object({
  attempt: attemptRefSchema,
  state: z.enum(['queued', 'running']),
  device: z.string().nullable(),
  pid: z.number().nullable(),
  startedAt: z.number().nullable(),
});
export type LiveAttempt = z.output<typeof liveAttemptSchema>;

/** A task worker that runs, as a heartbeat tells of it. */
const workerReportSchema = z.object({
  attempt: attemptRefSchema,
  device: z.string(),
  pid: z.number().nullable(),
  /** Of the whole process tree, on its device: card memory on a card, else resident memory; null: nothing measures it. */
  memoryBytes: z.number().nullable(),
  startedAt: z.number(),
  /** Since its last output or sign of progress, by the agent's monotonic clock; time paused does not count. */
  quietMs: z.number(),
  /** Stopped (SIGSTOP) because its device is too hot. */
  paused: z.boolean(),
});
export type WorkerReport = z.output<typeof workerReportSchema>;

/** Attempts that have ended on one device since its agent began; those that a person ended count as neither. */
const endedCountsSchema = z.object({ succeeded: z.number(), failed: z.number() });
export type EndedCounts = z.output<typeof endedCountsSchema>;

const errorSchema = z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() });

/** An attempt runs. */
const startSchema = z.object({
  attempt: attemptRefSchema,
  device: z.string(),
  pid: z.number(),
  startedAt: z.number(),
});
export type AttemptStart = z.output<typeof startSchema>;

export const agentFrameSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hello'),
    protocol: z.number(),
    version: z.string(),
    host: z.string(),
    /** True when agent and controller share a machine: then the agent never fences itself by the clock. */
    local: z.boolean(),
    epoch: z.number(),
    pid: z.number(),
    devices: z.array(deviceReportSchema),
    instances: z.array(instanceReportSchema),
    attempts: z.array(liveAttemptSchema),
    /** Outcomes of the spool that no controller has acknowledged. */
    outcomes: z.array(outcomeSchema),
  }),
  /** Every `LEASE.renewMs`: renews the lease, refreshes the mirror of the devices, brings the health checks since the last. */
  z.object({
    kind: z.literal('heartbeat'),
    /** Rises by one within an agent's life. */
    sequence: z.number(),
    /** Age of the agent by its monotonic clock. */
    uptimeMs: z.number(),
    devices: z.array(deviceReportSchema),
    workers: z.array(workerReportSchema),
    /** By device. */
    ended: z.record(z.string(), endedCountsSchema).default({}),
    probes: z.array(probeRecordSchema),
  }),
  z.object({ kind: z.literal('devices'), devices: z.array(deviceReportSchema) }),
  /** The agent trusts a device no more: to be held, told again until a `policies` frame says so. */
  z.object({ kind: z.literal('distrust'), device: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('instance'), report: instanceReportSchema, adopted: z.boolean() }),
  z.object({ kind: z.literal('instance-gone'), name: z.string() }),
  z.object({ kind: z.literal('fetching'), progress: fetchProgressSchema }),
  startSchema.extend({ kind: z.literal('started') }),
  /** The owner of the device said no; the task goes back to ready and no try is counted. */
  z.object({ kind: z.literal('declined'), attempt: attemptRefSchema, reason: z.string() }),
  /** `starts`: what has started just before, told with the ends since both were near. */
  z.object({
    kind: z.literal('outcomes'),
    outcomes: z.array(outcomeSchema),
    starts: z.array(startSchema).optional(),
  }),
  /** Answer to a `call`. */
  z.object({ kind: z.literal('reply'), id: z.number(), ok: z.literal(true), value: z.unknown() }),
  z.object({ kind: z.literal('fail'), id: z.number(), error: errorSchema }),
]);
export type AgentFrame = z.output<typeof agentFrameSchema>;

/** Calls down the link, each answered by `reply` or `fail`. */
const callSchema = z.discriminatedUnion('op', [
  /** Answered when the instance is ready (value: its report), failed, or told to stop. */
  z.object({ op: z.literal('ensure-ready'), name: z.string(), by: z.enum(['operator', 'request']) }),
  /** Answered when nothing of the instance is left. */
  z.object({ op: z.literal('ensure-stopped'), name: z.string(), force: z.boolean() }),
  /** Stop and start under the instance's owner; answered when the new launch is ready (value: its report). */
  z.object({ op: z.literal('restart'), name: z.string(), force: z.boolean() }),
  /** Unloads an instance that is idle; it stays wanted running. Answered at once, the rest is told by its reports. */
  z.object({ op: z.literal('sleep'), name: z.string() }),
  /** Answered with an `AgentInspection`. */
  z.object({ op: z.literal('inspect'), name: z.string() }),
  /** Answered when all files of a model lie there, verified (value: `FetchedFiles`). The token is kept nowhere. */
  z.object({ op: z.literal('fetch-model'), order: fetchOrderSchema, token: z.string().nullable() }),
  /** Ends such a fetch and removes what it has brought; answered when that is done. */
  z.object({ op: z.literal('drop-fetch'), model: z.string() }),
  /** Answered when every instance of ours is down; used by `daemon stop --all`. */
  z.object({ op: z.literal('stop-everything') }),
]);
export type AgentCall = z.output<typeof callSchema>;

/** What only the agent knows of an instance. */
export const agentInspectionSchema = z.object({
  spec: instanceSpecSchema,
  /** Resident memory of the engine's processes; null where that says nothing of the model's. */
  memoryBytes: z.number().nullable(),
});
export type AgentInspection = z.output<typeof agentInspectionSchema>;

export const controllerFrameSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('welcome'),
    version: z.string(),
    controllerEpoch: z.number(),
    /** When the controller dies, a service or the like starts it again: the agent leaves that to it for a while. */
    hasKeeper: z.boolean().default(false),
    /** Attempts of the hello that belong to somebody else by now: kill them, report nothing. */
    revoke: z.array(attemptRefSchema),
    /** Outcomes of the hello that are stored: drop them from the spool. */
    acknowledged: z.array(attemptRefSchema),
  }),
  z.object({ kind: z.literal('refused'), error: errorSchema }),
  /** The whole desired picture for this agent; what is not in it is an orphan and left alone, but reported. */
  z.object({
    kind: z.literal('desired'),
    instances: z.array(z.object({ spec: instanceSpecSchema, desired: z.enum(DESIRED_STATES) })),
  }),
  /** All that was decided about devices of this host; what is not in it is as the settings say, and not held. */
  z.object({ kind: z.literal('policies'), devices: z.array(devicePolicySchema) }),
  z.object({ kind: z.literal('forget'), name: z.string() }),
  /** Requests went to these instances since the last such frame: they are not idle. At most one a second. */
  z.object({ kind: z.literal('used'), names: z.array(z.string()) }),
  z.object({ kind: z.literal('grants'), grants: z.array(grantSchema) }),
  z.object({ kind: z.literal('acknowledge'), attempts: z.array(attemptRefSchema) }),
  z.object({
    kind: z.literal('signal'),
    attempt: attemptRefSchema,
    /** `abort`: SIGTERM to the group, grace 5 s, SIGKILL. `kill`: SIGKILL. */
    signal: z.enum(['abort', 'kill']),
  }),
  z.object({ kind: z.literal('call'), id: z.number(), call: callSchema }),
  /** The controller goes down on request. `withAgent`: end too, after what the call `stop-everything` did. */
  z.object({ kind: z.literal('goodbye'), withAgent: z.boolean() }),
]);
export type ControllerFrame = z.output<typeof controllerFrameSchema>;
