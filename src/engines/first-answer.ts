/**
 * The first request to an engine that says it is well: one token, one embedding or one score, whichever it serves. What
 * is asked and what the replies mean; pure, sends nothing.
 */

import type { InstanceSpec } from '../contract/index.ts';
import type { ProbeReply } from './engine.ts';

interface FirstQuestion {
  readonly path: string;
  /** Beside the model's name. */
  readonly body: object;
  /** The list that a good answer holds. */
  readonly answeredIn: 'choices' | 'data' | 'results';
}

export type FirstReading =
  | { readonly kind: 'answered' }
  /** Too busy, or its connection was lost: the same question again. */
  | { readonly kind: 'not-yet'; readonly detail: string }
  /** Not a question for this server: `unserved` says that it told so, and did not try. */
  | { readonly kind: 'refused'; readonly detail: string; readonly unserved: boolean }
  /** No other question can do better. */
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'silent' };

type Refusal = Extract<FirstReading, { kind: 'refused' }>;
export type FirstAnswer = Exclude<FirstReading, Refusal>;

const TEXT: readonly FirstQuestion[] = [
  { path: '/v1/completions', body: { prompt: 'Hello', max_tokens: 1 }, answeredIn: 'choices' },
  {
    path: '/v1/chat/completions',
    body: { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 1 },
    answeredIn: 'choices',
  },
];
const VECTORS: readonly FirstQuestion[] = [
  { path: '/v1/embeddings', body: { input: 'Hello' }, answeredIn: 'data' },
  { path: '/v1/rerank', body: { query: 'Hello', documents: ['Hello'] }, answeredIn: 'results' },
];

/** As llama-server and its kin are told to serve vectors; a text model may come with the same words elsewhere. */
const VECTOR_FLAG = /^--(?:embeddings?|rerank(?:ing)?)$/;

/** In the order in which they are put: the next one after a refusal. */
export function firstQuestions({ engine, args }: Pick<InstanceSpec, 'engine' | 'args'>): readonly FirstQuestion[] {
  const forVectors = [...engine.args, ...args].some((word) => VECTOR_FLAG.test(word));
  return forVectors ? [...VECTORS, ...TEXT] : [...TEXT, ...VECTORS];
}

type Response = Extract<ProbeReply, { kind: 'response' }>;

const UNSERVED: ReadonlySet<number> = new Set([400, 404, 405, 415, 422, 501]);

export function readFirstReply({ answeredIn, path }: FirstQuestion, reply: ProbeReply): FirstReading {
  switch (reply.kind) {
    case 'response':
      return readResponse(reply, answeredIn, path);
    case 'timeout':
      return { kind: 'silent' };
    case 'refused':
      return { kind: 'not-yet', detail: 'unreachable' };
    case 'failed':
      return { kind: 'not-yet', detail: `connection lost: ${reply.message}` };
    default:
      return reply satisfies never;
  }
}

/**
 * What it means that every question was refused. A program or server of another make may serve what we cannot ask for:
 * one that says so in words does answer.
 */
export function readRefusals({ engine }: Pick<InstanceSpec, 'engine'>, refusals: readonly Refusal[]): FirstAnswer {
  const ofAnotherMake = engine.kind === 'command' || engine.kind === 'remote';
  if (ofAnotherMake && refusals.every((refusal) => refusal.unserved)) return { kind: 'answered' };
  return { kind: 'failed', detail: refusals[0]?.detail ?? 'nothing to ask' };
}

function readResponse({ status, body }: Response, answeredIn: string, path: string): FirstReading {
  const fields = readFields(body);
  if (status >= 200 && status < 300) {
    const list = fields?.[answeredIn];
    if (Array.isArray(list) && list.length > 0) return { kind: 'answered' };
    return { kind: 'refused', detail: `${path} answered without "${answeredIn}"`, unserved: false };
  }
  const said = errorText(fields);
  const detail = `${path}: HTTP ${status}${said === null ? '' : `: ${said}`}`;
  if (status === 401 || status === 403) return { kind: 'failed', detail };
  if (status === 429 || status === 503) return { kind: 'not-yet', detail };
  return { kind: 'refused', detail, unserved: UNSERVED.has(status) };
}

type Fields = Readonly<Record<string, unknown>>;

function readFields(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null; // no JSON: no answer either
  }
}

const LONGEST_TEXT = 200;

/** OpenAI's `error.message`, or `error` itself. */
function errorText(fields: Fields | null): string | null {
  const error = fields?.['error'];
  const text = typeof error === 'object' && error !== null ? (error as Fields)['message'] : error;
  return typeof text === 'string' && text !== '' ? text.slice(0, LONGEST_TEXT) : null;
}
