/** Answers what the controller asks of instances and files: the call goes to the owner, the answer back over the same link. */

import { asAppError } from '../contract/index.ts';
import type { AgentCall, AgentFrame, AgentInspection } from '../contract/index.ts';
import type { Supervisor } from '../instances/index.ts';
import { assertNever } from '../kernel/index.ts';
import type { Attempts } from './attempts/attempts.ts';
import type { Fetches } from './fetches.ts';
import { treeMemoryBytes } from './worker/process-memory.ts';

export interface CallOwners {
  readonly supervisor: Pick<
    Supervisor,
    'ensureReady' | 'ensureStopped' | 'restart' | 'putToSleep' | 'stopEverything' | 'specOf' | 'reports'
  >;
  readonly attempts: Pick<Attempts, 'endAll'>;
  readonly fetches: Pick<Fetches, 'fetch' | 'drop'>;
}

/** Never rejects: a failure is a frame too. */
export async function answerCall(id: number, call: AgentCall, owners: CallOwners): Promise<AgentFrame> {
  try {
    return { kind: 'reply', id, ok: true, value: (await perform(call, owners)) ?? null };
  } catch (thrown) {
    const { code, message, hint } = asAppError(thrown);
    return { kind: 'fail', id, error: { code, message, hint: hint ?? null } };
  }
}

async function perform(call: AgentCall, { supervisor, attempts, fetches }: CallOwners): Promise<unknown> {
  switch (call.op) {
    case 'ensure-ready':
      return supervisor.ensureReady(call.name, { by: call.by });
    case 'ensure-stopped':
      return supervisor.ensureStopped(call.name, { force: call.force });
    case 'restart':
      return supervisor.restart(call.name, { force: call.force });
    case 'sleep':
      return supervisor.putToSleep(call.name);
    case 'inspect':
      return inspect(call.name, supervisor);
    case 'fetch-model':
      return fetches.fetch(call.order, call.token);
    case 'drop-fetch':
      return fetches.drop(call.model);
    case 'stop-everything':
      return Promise.all([attempts.endAll('stopped'), supervisor.stopEverything()]).then(() => null);
    default:
      return assertNever(call);
  }
}

/** The model of an engine that computes on a card is not in the memory of its process. */
function inspect(name: string, supervisor: Pick<Supervisor, 'specOf' | 'reports'>): AgentInspection {
  const spec = supervisor.specOf(name);
  const pid = supervisor.reports().find((report) => report.name === name)?.pid ?? null;
  return { spec, memoryBytes: pid === null || spec.gpu.backend !== 'cpu' ? null : treeMemoryBytes(pid) };
}
