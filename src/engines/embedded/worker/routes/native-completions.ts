/** llama.cpp's own completions: `/completion`, and `/infill` for a text between two others. One prompt, one answer. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, asApiError } from '../api-error.ts';
import type { Ending, Generation, GenerationSink } from '../batching/generation.ts';
import { readJson, sendJson } from '../http.ts';
import type { TextModel } from '../model/text-model.ts';
import type { ReadyEngine } from '../ready-engine.ts';
import { PacedResponse } from '../reply/paced-response.ts';
import { timingsBody } from '../reply/replies.ts';
import { readCompletionRequest } from '../request/completion-request.ts';
import type { CompletionRequest } from '../request/completion-request.ts';
import { asBody, isRecord, listField, stringField } from '../request/fields.ts';
import type { Body } from '../request/fields.ts';
import { paramsBody } from './inspection.ts';

export async function completeNative(
  call: IncomingMessage,
  response: ServerResponse,
  engine: ReadyEngine,
): Promise<void> {
  await run(asBody(await readJson(call)), response, engine);
}

export async function infill(call: IncomingMessage, response: ServerResponse, engine: ReadyEngine): Promise<void> {
  const body = asBody(await readJson(call));
  await run({ ...infillFields(body), prompt: infillPrompt(body, engine.model) }, response, engine);
}

async function run(body: Body, response: ServerResponse, engine: ReadyEngine): Promise<void> {
  const request = await readCompletionRequest('text', body, engine);
  const [generation, second] = request.generations;
  if (generation === undefined || second !== undefined) {
    throw new ApiError('invalid_request_error', 'one prompt and one choice at a time; /v1/completions takes more');
  }
  if (response.destroyed) return;
  const stream = new PacedResponse(response, engine.clock);
  const reply = { generation, model: request.model ?? engine.options.alias };
  const sink = request.stream ? streamed(stream, reply) : whole(response, reply);
  stream.paces([engine.loop.submit(generation, sink)]);
}

interface Reply {
  readonly generation: Generation;
  readonly model: NonNullable<CompletionRequest['model']>;
}

function whole(response: ServerResponse, reply: Reply): GenerationSink {
  let content = '';
  return {
    text: (text) => void (content += text),
    end: (ending) => sendJson(response, 200, { ...endingBody(ending, reply), content }),
    fail(error) {
      const known = asApiError(error);
      sendJson(response, known.status, known.toBody());
    },
  };
}

function streamed(stream: PacedResponse, reply: Reply): GenerationSink {
  const frame = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;
  const tokens_evaluated = reply.generation.prompt.length;
  return {
    text: (content, { predictedTokens: tokens_predicted }) =>
      stream.write(frame({ index: 0, content, tokens: [], stop: false, tokens_predicted, tokens_evaluated })),
    end: (ending) => stream.end(frame(endingBody(ending, reply))),
    fail: (error) => stream.fail(error, frame),
  };
}

/** Without its text: in a stream that has been told. */
function endingBody({ kind, stoppingWord, slot, timings }: Ending, { generation, model }: Reply): object {
  return {
    index: 0,
    content: '',
    tokens: [],
    id_slot: slot,
    stop: true,
    model,
    tokens_predicted: timings.predictedTokens,
    tokens_evaluated: generation.prompt.length,
    generation_settings: paramsBody(generation),
    truncated: false,
    stop_type: kind,
    stopping_word: stoppingWord,
    tokens_cached: generation.prompt.length + timings.predictedTokens,
    timings: timingsBody(timings),
  };
}

const INFILL_FIELDS = new Set(['input_prefix', 'input_suffix', 'input_extra', 'prompt']);

function infillFields(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !INFILL_FIELDS.has(name)));
}

/** What is known of other files goes before; `prompt` is the beginning of what is to be written. */
function infillPrompt(body: Body, model: TextModel): readonly number[] {
  const extra = listField(body, 'input_extra', 'a list of files').map((file) => extraText(file));
  const prefix = [...extra, stringField(body, 'input_prefix') ?? ''].join('\n');
  const tokens = model.tokenizeInfill(prefix, stringField(body, 'input_suffix') ?? '');
  if (tokens === null) throw new ApiError('not_supported_error', 'Infill is not supported by this model');
  return [...tokens, ...model.tokenize(stringField(body, 'prompt') ?? '', false)];
}

function extraText(file: unknown): string {
  if (isRecord(file) && typeof file['text'] === 'string') return file['text'];
  throw new ApiError('invalid_request_error', '"input_extra" must be a list of objects with a "text"');
}
