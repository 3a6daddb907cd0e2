/** What the brain's model is asked about a definition that fails, and how its answer is read. Text of tasks is data only. */

import type { Clock } from '../../kernel/index.ts';
import type { CompiledShellNode } from '../../plans/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { BrainModel } from '../asking/brain-model.ts';
import { dataSection } from '../asking/data-section.ts';
import type { SpecPatch } from './spec-patch.ts';
import { readPatch } from './spec-patch.ts';

export interface RepairQuestion {
  readonly about: string;
  readonly prompt: string;
}

/** What came of it. */
export type Proposal =
  | { readonly kind: 'patch'; readonly author: string; readonly patch: SpecPatch; readonly why: string }
  | { readonly kind: 'refused'; readonly author: string; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

const SYSTEM = `You repair one step of a batch plan that cannot run as it is written. You see the step, what it failed with,
and perhaps an earlier patch that did not do: propose another one then.
Answer with a JSON object {"patch": {…}, "why": "one sentence"}. The patch has only what must change, of: command (bash),
env (object of texts), timeout_s, memory_mb, task_class (cpu, script, llm, meta, brain), retries. Nothing else can be
changed. Placeholders such as {ITEM.id} or {PLAN_PATH} must stay as they are. Change as little as possible.`;

const SCHEMA = {
  type: 'object',
  properties: { patch: { type: 'object' }, why: { type: 'string' } },
  required: ['patch', 'why'],
} as const;

const MOST_BYTES = 4_096;

export function repairQuestion(node: CompiledShellNode, incident: IncidentRecord): RepairQuestion {
  const step = {
    command: node.command.text,
    env: node.env,
    timeout_s: Math.round(node.timeoutMs / 1_000),
    memory_mb: node.vramEstimateMb ?? null,
    task_class: node.taskClass,
    retries: node.retries,
  };
  const { sample, objection } = incident;
  const sections = [
    dataSection({ title: 'the step as it is written', text: JSON.stringify(step, null, 2), bytes: 2 * MOST_BYTES }),
    dataSection({ title: 'what it failed with', text: sample, bytes: MOST_BYTES }),
    ...(objection === null
      ? []
      : [dataSection({ title: 'an earlier patch, and why it did not do', text: objection, bytes: MOST_BYTES })]),
  ];
  return { about: `${incident.batch_id}/${incident.step}`, prompt: sections.join('\n\n') };
}

const TRIES = 3;
const RETRY_MS = 5_000;
const AUTHOR = 'model:brain';

interface AskingForPatch {
  readonly model: BrainModel;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Never rejects but when the signal aborts. A model that is only busy is asked again. */
export async function askForPatch(
  question: RepairQuestion,
  { model, clock, signal }: AskingForPatch,
): Promise<Proposal> {
  let reason = '';
  for (let turn = 0; turn < TRIES; turn++) {
    const answer = await model.ask({ ...question, kind: 'repair', system: SYSTEM, schema: SCHEMA, signal });
    if (answer.kind === 'answered') return toProposal(answer.value);
    if (answer.kind === 'unavailable') return { kind: 'none', reason: answer.reason };
    if (answer.class === 'output') return { kind: 'refused', author: AUTHOR, reason: answer.reason };
    reason = answer.reason;
    await clock.sleep(answer.retryAfterMs ?? RETRY_MS, signal).catch(() => {});
  }
  return { kind: 'none', reason: `the model could not be asked: ${reason}` };
}

function toProposal(value: unknown): Proposal {
  const { patch: proposed, why } = Object(value) as { readonly patch?: unknown; readonly why?: unknown };
  const read = readPatch(proposed);
  if ('refused' in read) return { kind: 'refused', author: AUTHOR, reason: read.refused };
  return { kind: 'patch', author: AUTHOR, patch: read.patch, why: String(why).slice(0, 500) };
}
