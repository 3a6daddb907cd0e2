/** What a request that takes a slot asks for, read as its route says. Pure. */

import { assertNever, isoTime } from '../../kernel/index.ts';
import { parseMessages } from './anthropic/request.ts';
import { parseNative } from './llama-cpp/request.ts';
import { parseOllama } from './ollama/request.ts';
import type { ParsedOllama } from './ollama/request.ts';
import { parseInference } from './openai/inference-request.ts';
import { parseMultipart } from './openai/multipart.ts';
import { parseResponses } from './responses/request.ts';
import type { TalkRoute } from './routes.ts';

interface Sent {
  readonly body: Buffer;
  /** Empty when the client has named none. */
  readonly contentType: string;
  /** Of a request whose body names no model. */
  readonly model: () => string | null;
  /** Epoch milliseconds. */
  readonly at: number;
}

export function talkCall(route: TalkRoute, { body, contentType, model, at }: Sent): ParsedOllama {
  const seconds = Math.floor(at / 1_000);
  switch (route.kind) {
    case 'openai':
      return parseInference(route.endpoint, body, seconds);
    case 'multipart':
      return parseMultipart(route.endpoint, body, contentType);
    case 'responses':
      return parseResponses(body, seconds);
    case 'messages':
      return parseMessages(body);
    case 'native':
      return parseNative(route.endpoint, body, model());
    case 'ollama':
      return parseOllama(route.shape, body, isoTime(at));
    default:
      return assertNever(route);
  }
}
