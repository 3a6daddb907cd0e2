/** Turns what generations say into one answer to a client: whole once all have ended, or streamed as it comes. */

import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { asApiError } from '../api-error.ts';
import type { Ending, GenerationSink, SaidToken, Timings } from '../batching/generation.ts';
import { sendJson } from '../http.ts';
import type { CompletionRequest } from '../request/completion-request.ts';
import { ToolCallReader } from '../tools/tool-call-reader.ts';
import type { AnswerPart } from '../tools/tool-call-reader.ts';
import { logprobsBody } from './logprobs.ts';
import type { TokenSpeller } from './logprobs.ts';
import type { PacedResponse } from './paced-response.ts';
import { streamEnd, streamFrames, wholeReply } from './replies.ts';
import type { Choice, ReplyIdentity, ToolCall } from './replies.ts';

interface AnswerParts {
  readonly request: CompletionRequest;
  readonly identity: ReplyIdentity;
  readonly speller: TokenSpeller;
}

/** One listener per generation of the request, in its order. */
type AnswerSinks = readonly GenerationSink[];

export function wholeAnswer(response: ServerResponse, { request, identity, speller }: AnswerParts): AnswerSinks {
  const choices = new Map<number, Choice>();
  return request.generations.map((generation, index) => {
    const answer = new CollectedAnswer(request, generation.candidates !== null);
    return {
      text: (text, _, said) => answer.add(text, said),
      end(ending) {
        choices.set(index, answer.toChoice(ending));
        if (choices.size < request.generations.length) return;
        const inOrder = request.generations.flatMap((_, at) => choices.get(at) ?? []);
        sendJson(response, 200, wholeReply(identity, inOrder, speller));
      },
      fail(error) {
        const known = asApiError(error);
        sendJson(response, known.status, known.toBody());
      },
    };
  });
}

class CollectedAnswer {
  #calls: readonly ToolCall[] = [];
  readonly #said: SaidToken[] | null;
  readonly #reader: ToolCallReader | null;
  #text = '';

  constructor({ toolSyntax }: CompletionRequest, withProbabilities: boolean) {
    this.#reader = toolSyntax === null ? null : new ToolCallReader(toolSyntax);
    this.#said = withProbabilities ? [] : null;
  }

  add(text: string, said: readonly SaidToken[]): void {
    this.#said?.push(...said);
    if (this.#reader === null) this.#text += text;
    else this.#reader.push(text).forEach((part) => this.#addPart(part));
  }

  toChoice(ending: Ending): Choice {
    this.#reader?.end().forEach((part) => this.#addPart(part));
    const text = this.#calls.length > 0 ? this.#text.trim() : this.#text;
    return { text, calls: this.#calls, said: this.#said, ending };
  }

  #addPart(part: AnswerPart): void {
    if (part.kind === 'text') this.#text += part.text;
    else if (part.kind === 'call') this.#calls = [...this.#calls, { id: callId(), name: part.name, arguments: '' }];
    else {
      this.#calls = this.#calls.map((call, at) =>
        at === part.at ? { ...call, arguments: call.arguments + part.text } : call,
      );
    }
  }
}

function callId(): string {
  return `call_${randomBytes(16).toString('hex')}`;
}

export function streamedAnswer(stream: PacedResponse, parts: AnswerParts): AnswerSinks {
  const { request, identity } = parts;
  const endings: Ending[] = [];
  const close = (ending: Ending, events: string): void => {
    endings.push(ending);
    if (endings.length < request.generations.length) stream.write(events);
    else stream.end(events + streamEnd(identity, endings, request.includeUsage));
  };
  return request.generations.map((_, index) => streamedChoice(stream, parts, index, close));
}

function streamedChoice(
  stream: PacedResponse,
  { request, identity, speller }: AnswerParts,
  index: number,
  close: (ending: Ending, events: string) => void,
): GenerationSink {
  const frames = streamFrames(identity, index);
  const reader = request.toolSyntax === null ? null : new ToolCallReader(request.toolSyntax);
  let opening = frames.opening;
  let id = '';
  const opened = (events: string): string => {
    if (opening === '' || events === '') return events;
    const first = opening + events;
    opening = '';
    return first;
  };
  const told = (timings: Timings): Timings | null => (request.timingsPerToken ? timings : null);
  const eventOf = (part: AnswerPart, timings: Timings): string => {
    if (part.kind === 'text') return frames.text(part.text, null, told(timings));
    if (part.kind === 'call') id = callId();
    return frames.call(part, id, told(timings));
  };
  const eventsOf = (parts: readonly AnswerPart[], timings: Timings): string =>
    parts.map((part) => eventOf(part, timings)).join('');
  return {
    text(text, timings, said) {
      const logprobs = said.length === 0 ? null : logprobsBody(said, speller);
      const events =
        reader === null ? frames.text(text, logprobs, told(timings)) : eventsOf(reader.push(text), timings);
      if (events !== '') stream.write(opened(events));
    },
    end(ending) {
      const rest = reader === null ? '' : eventsOf(reader.end(), ending.timings);
      close(ending, opened(rest + frames.closing(ending, reader?.callCount ?? 0)));
    },
    fail: (error) => stream.fail(error, (body) => `data: ${JSON.stringify(body)}\n\n`),
  };
}
