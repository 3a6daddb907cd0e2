import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { countFrames, FrameAligner, hasContent } from './sse-frames.ts';

describe('frames', () => {
  const text = 'data: {"a":"字"}\n\n: ping\n\ndata: {"b":1}\r\n\r\ndata: [DONE]\n\n';

  test('come out whole and unchanged, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(text))), (cuts) => {
        const bytes = Buffer.from(text);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const aligner = new FrameAligner();
        const out = edges.slice(1).flatMap((edge, index) => {
          const ready = aligner.push(bytes.subarray(edges[index], edge));
          return ready === null ? [] : [ready];
        });

        expect(out.every((piece) => /(\n\n|\n\r\n)$/.test(piece.toString('latin1')))).toBe(true);
        expect(Buffer.concat([...out, aligner.takeRest()]).toString()).toBe(text);
      }),
    );
  });

  test('beyond the limit are passed on in pieces', () => {
    const aligner = new FrameAligner();

    const piece = aligner.push(Buffer.alloc(100_000, 'x'));

    expect(piece?.length).toBe(100_000);
    expect(aligner.takeRest().length).toBe(0);
  });

  test('are counted by their ends', () => {
    expect(countFrames(Buffer.from('data: 1\n\ndata: 2\n\n'))).toBe(2);
    expect(countFrames(Buffer.from('data: 1\r\n\r\ndata: 2\r\n\r\n'))).toBe(2);
  });

  test.each([
    [
      'a role alone',
      'data: {"choices":[{"delta":{"role":"assistant","content":null},"finish_reason":null}]}\n\n',
      false,
    ],
    ['a comment', ': ping\n\n', false],
    ['a text', 'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n', true],
    ['a tool call', 'data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{}]}}]}\n\n', true],
    ['reasoning', 'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n', true],
    ['an end', 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n', true],
    ['a completion', 'data: {"choices":[{"text":""}]}\n\n', true],
    ['an error', 'data: {"error":{"message":"no"}}\n\n', true],
    ['an event of another protocol', 'event: ping\n\n', false],
    ['what is no JSON', 'data: hello\n\n', true],
  ])('with %s say something or not', (_, frame, expected) => {
    expect(hasContent(Buffer.from(frame))).toBe(expected);
  });
});
