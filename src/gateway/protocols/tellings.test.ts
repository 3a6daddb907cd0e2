/** Tellings in every protocol: a stream says what a whole answer says, wherever its bytes are cut. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AnthropicTelling } from './anthropic/telling.ts';
import type { Telling } from './call.ts';
import { afterEvent, EMPTY_ANSWER, readChatAnswer } from './chat/chat-answer.ts';
import { ChatEventReader } from './chat/chat-events.ts';
import { OllamaTelling } from './ollama/telling.ts';
import { ResponsesTelling } from './responses/telling.ts';
import { eventNumbers } from './responses/wire.ts';
import { SseReader } from './sse-reader.ts';

interface Said {
  readonly thought: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly city: string }[];
  readonly reason: 'stop' | 'length' | 'tool_calls';
  /** What vLLM and the embedded engine name `stop_reason`. */
  readonly stoppedBy: string | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** Also characters of two, three and four bytes, quotes and line ends. */
const words = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '€', '🐑', ':', ' data'), maxLength: 12 });
const said: fc.Arbitrary<Said> = fc.record({
  thought: words,
  text: words,
  calls: fc.array(fc.record({ name: fc.constantFrom('weather', 'clock'), city: words }), { maxLength: 3 }),
  reason: fc.constantFrom('stop', 'length', 'tool_calls'),
  stoppedBy: fc.constantFrom(null, '\n\n'),
  tokensIn: fc.nat(1_000),
  tokensOut: fc.nat(1_000),
});
const SHORT: Said = { thought: '', text: 'a', calls: [], reason: 'stop', stoppedBy: null, tokensIn: 1, tokensOut: 1 };
const cuts = fc.array(fc.nat(400), { maxLength: 30 });

const usageOf = ({ tokensIn, tokensOut }: Said) => ({ prompt_tokens: tokensIn, completion_tokens: tokensOut });
const argumentsOf = ({ city }: { readonly city: string }): string => JSON.stringify({ city });

function wholeAnswer(answer: Said): Buffer {
  const tool_calls = answer.calls.map((call, at) => ({
    id: `call_${at}`,
    type: 'function',
    function: { name: call.name, arguments: argumentsOf(call) },
  }));
  const message = { role: 'assistant', reasoning_content: answer.thought, content: answer.text, tool_calls };
  const choices = [{ index: 0, message, finish_reason: answer.reason, stop_reason: answer.stoppedBy }];
  return Buffer.from(JSON.stringify({ model: 'm', choices, usage: usageOf(answer) }));
}

/** As an engine streams it: letter by letter, with comments between. */
function stream(answer: Said): Buffer {
  const delta = (change: object): string => frame({ model: 'm', choices: [{ index: 0, delta: change }] });
  const calls = answer.calls.map((call, index) => {
    const head = { index, id: `call_${index}`, type: 'function', function: { name: call.name, arguments: '' } };
    const rest = [...argumentsOf(call)].map((text) =>
      delta({ tool_calls: [{ index, function: { arguments: text } }] }),
    );
    return delta({ tool_calls: [head] }) + rest.join('');
  });
  return Buffer.from(
    [
      delta({ role: 'assistant', content: null }),
      ': ping\n\n',
      ...[...answer.thought].map((text) => delta({ reasoning_content: text })),
      ...[...answer.text].map((text) => delta({ content: text })),
      ...calls,
      frame({ choices: [{ index: 0, delta: {}, finish_reason: answer.reason, stop_reason: answer.stoppedBy }] }),
      frame({ choices: [], usage: usageOf(answer) }),
      'data: [DONE]\n\n',
    ].join(''),
  );
}

function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function pieces(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(at.map((cut) => cut % (bytes.length + 1))), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function told(telling: Telling, parts: readonly Buffer[]): string {
  return Buffer.concat([...parts.map((part) => telling.push(part)), telling.end()]).toString('utf8');
}

type Json = Record<string, unknown>;

function eventsIn(text: string): readonly Json[] {
  return new SseReader().push(Buffer.from(text)).map((data) => JSON.parse(data) as Json); // what was just told
}

function check(property: (answer: Said, parts: readonly Buffer[]) => void): void {
  fc.assert(fc.property(said, cuts, (answer, at) => property(answer, pieces(stream(answer), at))));
}

describe('an answer of an engine', () => {
  test('is the same whether it was streamed or whole, wherever the bytes are cut', () => {
    check((answer, parts) => {
      const reader = new ChatEventReader();

      const streamed = parts.flatMap((part) => reader.push(part)).reduce(afterEvent, EMPTY_ANSWER);

      expect(streamed).toEqual(readChatAnswer(wholeAnswer(answer)));
    });
  });

  test('of which nothing can be read says nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => new ChatEventReader().push(Buffer.from(bytes))).not.toThrow();
        expect(() => readChatAnswer(Buffer.from(bytes))).not.toThrow();
      }),
    );
  });
});

describe("Anthropic's events", () => {
  test('put together make the whole message', () => {
    check((answer, parts) => {
      const whole = JSON.parse(new AnthropicTelling('m').whole(wholeAnswer(answer)).toString()) as Json;

      const streamed = messageOf(eventsIn(told(new AnthropicTelling('m'), parts)));

      expect(streamed.content).toEqual(withoutEmptyText(whole['content'] as readonly Json[]));
      const { stop_reason, stop_sequence, usage } = whole;
      expect(streamed).toMatchObject({ stop_reason, stop_sequence, usage });
    });
  });

  test('name the stop sequence that was met where the engine does', () => {
    const ends = ['\n\n', null].map((stoppedBy) => {
      const answer: Said = { ...SHORT, reason: 'stop', stoppedBy };
      return JSON.parse(new AnthropicTelling('m').whole(wholeAnswer(answer)).toString()) as Json;
    });

    expect(ends).toMatchObject([
      { stop_reason: 'stop_sequence', stop_sequence: '\n\n' },
      { stop_reason: 'end_turn', stop_sequence: null },
    ]);
  });

  test('open and close each block once, in order, between one start and one stop', () => {
    check((_, parts) => {
      const kinds = eventsIn(told(new AnthropicTelling('m'), parts)).map(({ type }) => String(type));

      expect(kinds[0]).toBe('message_start');
      expect(kinds.slice(-2)).toEqual(['message_delta', 'message_stop']);
      expect(kinds.slice(1, -2).join(' ')).toMatch(
        /^(content_block_start( content_block_delta)* content_block_stop ?)*$/,
      );
    });
  });
});

/** As Anthropic's package puts a stream together. */
function messageOf(events: readonly Json[]) {
  const content: Json[] = [];
  let ending: Json = {};
  for (const event of events) {
    if (event['type'] === 'content_block_start') content.push({ ...(event['content_block'] as Json), json: '' });
    if (event['type'] === 'content_block_delta') content.push(grown(content.pop() ?? {}, event['delta'] as Json));
    if (event['type'] === 'message_delta') ending = { ...(event['delta'] as Json), usage: event['usage'] };
  }
  return { content: content.map(closed), ...ending };
}

function grown(block: Json, delta: Json): Json {
  if (delta['type'] === 'text_delta') return { ...block, text: `${block['text']}${delta['text']}` };
  if (delta['type'] === 'thinking_delta') return { ...block, thinking: `${block['thinking']}${delta['thinking']}` };
  return { ...block, json: `${block['json']}${delta['partial_json']}` };
}

function closed({ json, ...block }: Json): Json {
  return block['type'] === 'tool_use' ? { ...block, input: JSON.parse(String(json)) } : block;
}

/** A whole message says that it has no text; a stream just has none. */
function withoutEmptyText(blocks: readonly Json[]): readonly Json[] {
  return blocks.filter((block) => block['type'] !== 'text' || block['text'] !== '');
}

describe("the Responses API's events", () => {
  const face = { id: 'resp_1', createdAt: 1, model: 'm', request: {}, tools: new Map() };

  test('are numbered, end once, and end with the response that a whole answer is', () => {
    check((answer, parts) => {
      const whole = JSON.parse(
        new ResponsesTelling(face, eventNumbers()).whole(wholeAnswer(answer)).toString(),
      ) as Json;

      const events = eventsIn(told(new ResponsesTelling(face, eventNumbers()), parts));

      const last = events.at(-1)?.['response'] as Json;
      expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, at) => at));
      expect(events.filter(({ type }) => /completed|incomplete$/.test(String(type)))).toHaveLength(1);
      expect({ ...last, output: withoutIds(last) }).toEqual({ ...whole, output: withoutIds(whole) });
    });
  });

  test('name the item that they are about, and its deltas make its text', () => {
    check((_, parts) => {
      const events = eventsIn(told(new ResponsesTelling(face, eventNumbers()), parts));

      const done = events.filter(({ type }) => type === 'response.output_item.done');
      const deltas = (at: number): string =>
        events
          .filter((event) => event['output_index'] === at && String(event['type']).endsWith('.delta'))
          .map((event) => String(event['delta']))
          .join('');
      expect(done.map((event) => event['output_index'])).toEqual(done.map((_event, at) => at));
      expect(done.map((_event, at) => deltas(at))).toEqual(done.map(({ item }) => textOfItem(item as Json)));
    });
  });

  test('name the namespace of a tool that is in one, and of no other', () => {
    const tools = new Map([['clock', { name: 'time', namespace: 'wall' }]]);
    check((answer, parts) => {
      const events = eventsIn(told(new ResponsesTelling({ ...face, tools }, eventNumbers()), parts));

      const response = events.at(-1)?.['response'] as Json;
      const called = (response['output'] as readonly Json[]).filter(({ type }) => type === 'function_call');
      expect(called.map(({ name, namespace }) => [name, namespace])).toEqual(
        answer.calls.map(({ name }) => (name === 'clock' ? ['time', 'wall'] : [name, undefined])),
      );
    });
  });
});

function withoutIds(response: Json): readonly Json[] {
  return (response['output'] as readonly Json[]).map((item) => ({ ...item, id: '' }));
}

function textOfItem(item: Json): string {
  if (item['type'] === 'function_call') return String(item['arguments']);
  const [part] = item['content'] as readonly Json[];
  return String(part?.['text'] ?? '');
}

describe("Ollama's lines", () => {
  const face = { shape: 'chat', model: 'm', createdAt: '2026-01-01T00:00:00.000Z' } as const;

  test('are one JSON value each, the last of them done, and say what a whole answer says', () => {
    check((answer, parts) => {
      const whole = JSON.parse(new OllamaTelling(face).whole(wholeAnswer(answer)).toString()) as Json;

      const lines = told(new OllamaTelling(face), parts)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Json);

      const messages = lines.map(({ message }) => message as Json);
      const { message, ...numbers } = whole as { message: Json };
      expect(lines.map(({ done }) => done)).toEqual(lines.map((_, at) => at === lines.length - 1));
      expect(messages.map(({ content }) => content).join('')).toBe(message['content']);
      expect(messages.map(({ thinking }) => thinking ?? '').join('')).toBe(message['thinking'] ?? '');
      expect(messages.flatMap(({ tool_calls }) => tool_calls ?? [])).toEqual(message['tool_calls'] ?? []);
      expect(lines.at(-1)).toMatchObject(numbers);
    });
  });
});
