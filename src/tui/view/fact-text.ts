/** Facts in plain words: who, and what happened. Pure. */

import { formatDuration } from '../../contract/durations.ts';
import type { FactData, FactType, FactView } from '../../contract/facts.ts';
import type { Tone } from '../line.ts';

interface FactText {
  readonly who: string;
  readonly what: string;
  readonly tone: Tone | undefined;
}

/** Sentences of the facts that one sees most; the others are told by the words of their type. */
const SENTENCES: { readonly [T in FactType]?: (data: FactData[T]) => string } = {
  'controller.started': ({ version, pid }) => `the controller started (${version}, pid ${pid})`,
  'agent.connected': ({ pid, devices }) => `the agent connected (pid ${pid}, ${devices.length} devices)`,
  'agent.disconnected': () => 'the link to the agent broke',
  'agent.suspected': () => 'the agent is silent, and gets nothing new',
  'agent.heard': () => 'the agent was heard of again',
  'agent.lost': ({ requeued }) => `the agent is lost, ${requeued} tasks went back to the queue`,
  'instance.declared': ({ desired }) => (desired === 'running' ? 'shall run' : 'shall be stopped'),
  'instance.removed': () => 'its config was removed',
  'instance.changed': changed,
  'instance.exited': ({ code, signal, asked }) =>
    `its process ended${asked ? '' : ' by itself'}: ${signal ?? `exit code ${code ?? 'unknown'}`}`,
  'instance.health_changed': ({ from, to, detail }) => `health ${from} → ${to}${detail === null ? '' : `: ${detail}`}`,
  'instance.adopted': ({ pid }) => `its engine was found again (pid ${pid})`,
  'batch.submitted': ({ plan, tasks }) => `plan ${plan} was submitted, ${tasks} tasks`,
  'batch.ended': ({ status, duration_ms: ms }) => `${status} after ${formatDuration(ms)}`,
  'task.retry_scheduled': ({ reason, delay_ms: ms }) => `will be tried again in ${formatDuration(ms)}: ${reason}`,
};

function changed({ from, to, pid, port, reason, delay_ms: delayMs }: FactData['instance.changed']): string {
  const place = to === 'ready' && port !== null ? ` on port ${port}, pid ${pid ?? '-'}` : '';
  const delay = delayMs === null ? '' : `, next start in ${formatDuration(delayMs)}`;
  return `${from} → ${to}${place}${delay}${reason === null ? '' : `: ${reason}`}`;
}

export function factText(fact: FactView): FactText {
  return { who: subjectName(fact.subject), what: sentenceOf(fact), tone: toneOf(fact) };
}

/** `instance:alpha` is alpha; what is no instance keeps its kind; of a task its own name comes before its batch. */
function subjectName(subject: string): string {
  const [kind = '', ...rest] = subject.split(':');
  const id = rest.join(':');
  const [, batch, name] = (kind === 'task' && /^([^/]*)\/(.*)$/s.exec(id)) || [];
  if (batch !== undefined) return `task ${name} (${batch.slice(batch.lastIndexOf('_') + 1)})`;
  return kind === 'instance' || id === '' ? id || kind : `${kind} ${id}`;
}

function sentenceOf({ type, data }: FactView): string {
  // The store wrote the data with its type; each type has one shape.
  const sentence = SENTENCES[type] as ((data: unknown) => string) | undefined;
  return sentence ? sentence(data) : plainWords(type, data);
}

/** `task.retry_scheduled` is "retry scheduled", with the reason where there is one. */
function plainWords(type: string, data: unknown): string {
  const words = type.slice(type.indexOf('.') + 1).replaceAll('_', ' ');
  const reason = typeof data === 'object' && data !== null ? Object.entries(data).find(isReason)?.[1] : undefined;
  return reason === undefined ? words : `${words}: ${String(reason)}`;
}

function isReason([key, value]: readonly [string, unknown]): boolean {
  return ['reason', 'because', 'detail', 'class'].includes(key) && typeof value === 'string' && value !== '';
}

const RED = /\.(?:failed|lost|aborted|disconnected)$/;
const GREEN = /\.(?:connected|succeeded|adopted)$/;

function toneOf({ type, data }: FactView): Tone | undefined {
  const to = typeof data === 'object' && data !== null && 'to' in data ? data.to : undefined;
  const asked = typeof data === 'object' && data !== null && 'asked' in data ? data.asked : true;
  if (RED.test(type) || ['failed', 'unhealthy', 'error'].includes(String(to)) || asked === false) return 'red';
  if (to === 'backoff') return 'yellow';
  return GREEN.test(type) || to === 'ready' || to === 'healthy' ? 'green' : undefined;
}
