/** An instance as the agent reports it. Pure. */

import type { InstanceReport } from '../../contract/index.ts';
import { connectHost } from '../../engines/index.ts';
import type { InstanceState, Machine, RunningProcess } from '../machine/state.ts';

export function toReport(machine: Machine): InstanceReport {
  const { spec, state } = machine;
  const process = processOf(state);
  return {
    name: spec.name,
    desired: machine.desired,
    state: state.kind,
    generation: machine.generation,
    health: machine.health.value,
    healthDetail: machine.health.detail,
    pid: process?.identity?.pid ?? null,
    identity: identityOf(process),
    host: connectHost(process?.host ?? spec.server.host),
    port: process?.port ?? null,
    url: process?.url ?? null,
    upstreamModel: process?.upstreamModel ?? null,
    key: process?.key ?? null,
    engine: spec.engine.kind,
    backend: spec.gpu.backend,
    devices: process === null ? [...spec.gpu.devices] : process.shares.map((share) => share.device),
    model: spec.model.path,
    modelId: spec.model.id,
    aliases: [...spec.model.aliases],
    contextSize: process?.contextSize ?? spec.model.contextSize,
    slotsTotal: spec.server.parallel,
    memoryBytes: spec.model.memoryBytes,
    fingerprint: process?.fingerprint ?? spec.fingerprint,
    command: [...(process?.command ?? [])],
    startedAt: process?.startedAt ?? null,
    readyAt: 'readyAt' in state ? state.readyAt : null,
    restarts: machine.restarts,
    nextStartAt: state.kind === 'backoff' ? state.dueAt : null,
    failure: state.kind === 'failed' || state.kind === 'backoff' ? failureOf(state.failure) : null,
    lastExit: machine.lastExit,
    ended: [...machine.ended],
  };
}

function failureOf({ code, message, hint }: { code: string; message: string; hint: string | null }) {
  return { code, message, hint };
}

function identityOf(process: RunningProcess | null): InstanceReport['identity'] {
  if (!process?.identity) return null;
  const { startTime, bootId } = process.identity;
  return { startTime, bootId };
}

function processOf(state: InstanceState): RunningProcess | null {
  return 'process' in state ? state.process : null;
}
