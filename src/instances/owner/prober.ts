/** Asks a running engine how it is. Decides nothing about the answers. */

import type { Health, InstanceSpec } from '../../contract/index.ts';
import { firstQuestions, probe, probeHealth, readFirstReply, readRefusals } from '../../engines/index.ts';
import type { Engine, Engines, FirstAnswer, ProbeTarget } from '../../engines/index.ts';
import type { SlotsAnswer } from '../machine/activity.ts';
import type { Launcher } from '../launch/launcher.ts';
import { findPortHolder, listensOn } from '../launch/port-holder.ts';
import { UNTOLD } from '../machine/state.ts';
import type { EngineTraits, RunningProcess } from '../machine/state.ts';

interface HealthReport {
  readonly health: Exclude<Health, 'unknown'>;
  readonly detail: string | null;
}

interface FirstHealthReport extends HealthReport {
  readonly traits: EngineTraits;
}

export interface Prober {
  health(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<HealthReport>;
  /** As `health`, and the answer counts only when it comes from this very process or one of its children. */
  firstHealth(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<FirstHealthReport>;
  /** Puts the first questions, until one is answered or the engine's stall_timeout is over for one. */
  firstAnswer(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<FirstAnswer>;
  slots(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<SlotsAnswer>;
  /** Asks for one token; false when no answer, not even a refusal, comes in time. */
  canary(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<boolean>;
}

/** `isOffline` is asked for each question: then only this machine is asked. */
export function createHttpProber(engines: Engines, launcher: Launcher, isOffline: () => boolean): Prober {
  const targetOf = (spec: InstanceSpec, { url, key }: RunningProcess, signal: AbortSignal): ProbeTarget => ({
    url,
    key,
    timeoutMs: spec.health.timeoutMs,
    signal,
    isOffline: isOffline(),
  });
  const health: Prober['health'] = (spec, process, signal) =>
    probeHealth(engines[spec.engine.kind], spec, targetOf(spec, process, signal));

  return {
    health,
    async firstHealth(spec, process, signal) {
      const report = await health(spec, process, signal);
      if (report.health !== 'healthy') return { ...report, traits: UNTOLD };
      const stranger = findStranger(spec.name, process, launcher);
      if (stranger !== null) {
        return { health: 'unhealthy', detail: `port ${process.port} is held by ${stranger}`, traits: UNTOLD };
      }
      return { ...report, traits: await askTraits(engines[spec.engine.kind], spec, targetOf(spec, process, signal)) };
    },
    async firstAnswer(spec, process, signal) {
      const target = { ...targetOf(spec, process, signal), timeoutMs: spec.health.stallTimeoutMs };
      const model = modelIn(spec, process);
      const refusals = [];
      for (const question of firstQuestions(spec)) {
        const reading = readFirstReply(question, await probe(question.path, target, { model, ...question.body }));
        if (reading.kind !== 'refused') return reading;
        refusals.push(reading);
      }
      return readRefusals(spec, refusals);
    },
    async slots(spec, process, signal) {
      const reply = await probe('/slots', targetOf(spec, process, signal));
      if (reply.kind !== 'response') return { kind: 'no-answer' };
      const reading = reply.status === 200 ? engines[spec.engine.kind].parseSlots(reply.body) : null;
      return reading === null ? { kind: 'not-told' } : { kind: 'told', reading };
    },
    async canary(spec, process, signal) {
      const model = modelIn(spec, process);
      const target = targetOf(spec, process, signal);
      const reply = await probe('/v1/completions', target, { model, prompt: 'Hello', max_tokens: 1 });
      return reply.kind === 'response';
    },
  };
}

/** As requests name it. */
function modelIn({ name }: InstanceSpec, { upstreamModel }: RunningProcess): string {
  return upstreamModel ?? name;
}

async function askTraits(engine: Engine, spec: InstanceSpec, target: ProbeTarget): Promise<EngineTraits> {
  const models = engine.kind === 'command' ? await readPage('/v1/models', target) : null;
  const props = await readPage('/props', target);
  return {
    upstreamModel: engine.servedModel(spec, models),
    contextSize: props === null ? null : engine.parseContextSize(props),
  };
}

async function readPage(path: string, target: ProbeTarget): Promise<string | null> {
  const reply = await probe(path, target);
  return reply.kind === 'response' && reply.status === 200 ? reply.body : null;
}

/** Whoever answered in the place of ours, after it took the port between our check and the engine's bind. */
function findStranger(name: string, { identity, port }: RunningProcess, launcher: Launcher): string | null {
  if (identity === null || port === null || listensOn(identity.pid, port)) return null;
  const holder = findPortHolder(port);
  if (holder === null || launcher.members(name).includes(holder.pid)) return null;
  return `pid ${holder.pid} (${holder.command})`;
}
