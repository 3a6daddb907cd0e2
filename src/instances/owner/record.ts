/**
 * What the agent must know of an instance after its own end: one JSON file per instance, whole or absent. It holds the
 * key of the running engine, so it is private to the user.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import {
  DESIRED_STATES,
  ERRORS,
  endedProcessSchema,
  exitInfoSchema,
  instanceSpecSchema,
  isErrorCode,
} from '../../contract/index.ts';
import { hasCode, readFileIfExists, removeFile, writeFileAtomic } from '../../kernel/index.ts';
import type { Log } from '../../kernel/index.ts';
import { UNTOLD } from '../machine/state.ts';
import type { LaunchPlan, Machine } from '../machine/state.ts';

const failureSchema = z.object({
  code: z.string().refine(isErrorCode, `none of ${Object.keys(ERRORS).length} codes`),
  message: z.string(),
  hint: z.string().nullable(),
  permanent: z.boolean(),
});

const restingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stopped') }),
  z.object({ kind: z.literal('asleep') }),
  z.object({ kind: z.literal('backoff'), dueAt: z.number(), delayMs: z.number(), failure: failureSchema }),
  z.object({ kind: z.literal('failed'), failure: failureSchema }),
]);

const launchSchema = z.object({
  launch: z.number(),
  host: z.string(),
  port: z.number().nullable(),
  url: z.string(),
  key: z.string().nullable(),
  shares: z.array(z.object({ device: z.string(), bytes: z.number() })),
  command: z.array(z.string()),
  fingerprint: z.string(),
  startedAt: z.number(),
  stderrOffset: z.number(),
  /** Null: the spawn was about to happen when this was written. */
  identity: z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() }).nullable(),
  upstreamModel: z.string().nullable(),
  contextSize: z.number().nullable().default(null),
  readyAt: z.number().nullable(),
});

const recordSchema = z.object({
  version: z.literal(1),
  spec: instanceSpecSchema,
  desired: z.enum(DESIRED_STATES),
  generation: z.number(),
  launch: z.number(),
  history: z.object({ crashes: z.array(z.number()), streak: z.number() }),
  restarts: z.number(),
  lastExit: exitInfoSchema.nullable(),
  ended: z.array(endedProcessSchema),
  /** What the instance is when its process turns out to be none. */
  resting: restingSchema,
  process: launchSchema.nullable(),
});

export type InstanceRecord = z.output<typeof recordSchema>;
export type RecordedLaunch = z.output<typeof launchSchema>;

/** `planned` is the launch that is under way, before its process is known. */
export function toRecord(machine: Machine, planned: LaunchPlan | null): InstanceRecord {
  const { spec, desired, generation, launch, history, restarts, lastExit, ended, state } = machine;
  const rests = state.kind === 'backoff' || state.kind === 'failed' || state.kind === 'asleep';
  const resting = rests ? state : { kind: 'stopped' as const };
  return recordSchema.parse({
    version: 1,
    spec,
    desired,
    generation,
    launch,
    history,
    restarts,
    lastExit,
    ended,
    resting,
    process: recordedLaunch(machine, planned),
  });
}

function recordedLaunch({ state }: Machine, planned: LaunchPlan | null): unknown {
  if ('process' in state) {
    const readyAt = 'readyAt' in state ? state.readyAt : null;
    return { ...state.process, readyAt };
  }
  const underWay = state.kind === 'starting' || state.kind === 'stopping';
  return underWay && planned?.launch === state.launch ? { ...planned, ...UNTOLD, identity: null, readyAt: null } : null;
}

/** The machine as it rests, before it is told what was found of its process. */
export function fromRecord(record: InstanceRecord): Machine {
  const { spec, desired, generation, launch, history, restarts, lastExit, ended, resting } = record;
  return {
    spec,
    desired,
    state: resting,
    generation,
    launch,
    history,
    restarts,
    portLosses: 0,
    health: { value: 'unknown', detail: null },
    lastExit,
    ended,
    waiters: [],
    forgotten: false,
  };
}

/** The folder of the records. */
export interface Records {
  write(record: InstanceRecord): void;
  remove(name: string): void;
  /** What cannot be read is logged, left where it is, and told by the name of its instance. */
  readAll(): { readonly readable: readonly InstanceRecord[]; readonly unreadable: readonly string[] };
}

export function createRecords(folder: string, log: Log): Records {
  const written = new Map<string, string>();
  const pathOf = (name: string): string => join(folder, `${name}.json`);
  return {
    write(record) {
      const text = JSON.stringify(record);
      const { name } = record.spec;
      if (written.get(name) === text) return;
      writeFileAtomic(pathOf(name), text);
      written.set(name, text);
    },
    remove(name) {
      written.delete(name);
      removeFile(pathOf(name));
    },
    readAll() {
      const names = listFolder(folder);
      const found = names.map((name) => ({ name, record: readRecord(pathOf(name), log) }));
      return {
        readable: found.flatMap(({ record }) => record ?? []),
        unreadable: found.filter(({ record }) => record === null).map(({ name }) => name),
      };
    },
  };
}

/** Names of the instances. */
function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function readRecord(path: string, log: Log): InstanceRecord | null {
  try {
    const text = readFileIfExists(path);
    return text === null ? null : recordSchema.parse(JSON.parse(text));
  } catch (error) {
    log.error({ path, error: String(error) }, 'instance record unreadable');
    return null;
  }
}
