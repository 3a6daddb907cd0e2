/** Runs completions over HTTP: submits to the batch loop, writes whole or streamed answers, cancels who left. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';

import { asApiError } from './api-error.ts';
import type { BatchLoop } from './batch-loop.ts';
import { readCompletionRequest } from './completion-request.ts';
import type { CompletionRequest } from './completion-request.ts';
import { asBody } from './fields.ts';
import type { GenerationSink } from './generation.ts';
import { readJson, sendJson } from './http.ts';
import { streamFrames, wholeReply } from './replies.ts';
import type { ReplyIdentity } from './replies.ts';
import type { ReadyEngine } from './ready-engine.ts';

export async function complete(
  kind: 'chat' | 'text',
  call: IncomingMessage,
  response: ServerResponse,
  engine: ReadyEngine,
): Promise<void> {
  const body = asBody(await readJson(call));
  const { model, decoder } = engine;
  const request = await readCompletionRequest(kind, body, { model, contextSize: decoder.contextSize });
  const identity: ReplyIdentity = {
    kind,
    id: `chatcmpl-${randomBytes(16).toString('hex')}`,
    created: Math.floor(engine.clock.now() / 1000),
    model: request.model ?? engine.options.alias,
    fingerprint: engine.build,
  };
  submit(engine.loop, request, response, request.stream ? streamed : whole, identity);
}

type Writer = (response: ServerResponse, identity: ReplyIdentity, request: CompletionRequest) => GenerationSink;

/** The client's connection is the only thing that cancels: it closes before the answer is complete. */
function submit(
  loop: BatchLoop,
  request: CompletionRequest,
  response: ServerResponse,
  writer: Writer,
  identity: ReplyIdentity,
): void {
  if (response.destroyed) return;
  const cancel = loop.submit(request.generation, writer(response, identity, request));
  response.on('close', () => {
    if (!response.writableEnded) cancel();
  });
}

function whole(response: ServerResponse, identity: ReplyIdentity): GenerationSink {
  let answer = '';
  return {
    text: (text) => void (answer += text),
    end: (ending) => sendJson(response, 200, wholeReply(identity, answer, ending)),
    fail: (error) => sendError(response, error),
  };
}

/** Headers go out with the first text, so that what fails before it still has its own status. */
function streamed(response: ServerResponse, identity: ReplyIdentity, request: CompletionRequest): GenerationSink {
  const frames = streamFrames(identity);
  const begin = (): string => {
    if (response.headersSent) return '';
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    return frames.opening;
  };
  return {
    text: (text, timings) => {
      response.write(begin() + frames.text(text, request.timingsPerToken ? timings : null));
    },
    end: (ending) => {
      const opening = begin();
      response.end(opening + frames.closing(ending, request.includeUsage));
    },
    fail: (error) => {
      if (!response.headersSent) return sendError(response, error);
      response.end(`data: ${JSON.stringify(asApiError(error).toBody())}\n\n`);
    },
  };
}

function sendError(response: ServerResponse, error: unknown): void {
  const known = asApiError(error);
  sendJson(response, known.status, known.toBody());
}
