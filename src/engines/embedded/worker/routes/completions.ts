/** Runs completions over HTTP: reads the request, submits its generations, answers whole or streamed. */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { readJson } from '../http.ts';
import type { ReadyEngine } from '../ready-engine.ts';
import { streamedAnswer, wholeAnswer } from '../reply/answers.ts';
import { PacedResponse } from '../reply/paced-response.ts';
import { readCompletionRequest } from '../request/completion-request.ts';

export async function complete(
  kind: 'chat' | 'text',
  call: IncomingMessage,
  response: ServerResponse,
  engine: ReadyEngine,
): Promise<void> {
  const request = await readCompletionRequest(kind, await readJson(call), engine);
  const identity = {
    kind,
    id: `chatcmpl-${randomBytes(16).toString('hex')}`,
    created: Math.floor(engine.clock.now() / 1000),
    model: request.model ?? engine.options.alias,
    fingerprint: engine.build,
    promptTokens: request.promptTokens,
  };
  if (response.destroyed) return;
  const stream = new PacedResponse(response, engine.clock);
  const parts = { request, identity, speller: engine.model };
  const sinks = request.stream ? streamedAnswer(stream, parts) : wholeAnswer(response, parts);
  stream.paces(
    request.generations.flatMap((generation, at) => {
      const sink = sinks[at];
      return sink === undefined ? [] : [engine.loop.submit(generation, sink)];
    }),
  );
}
