import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createSseParser } from './sse.ts';

function parse(...chunks: string[]) {
  const parser = createSseParser();
  return chunks.flatMap((chunk) => parser.feed(chunk));
}

test('an event has its id, its kind and its lines of data', () => {
  expect(parse('id: 7\nevent: fact\ndata: one\ndata:two\n\n')).toEqual([{ id: '7', event: 'fact', data: 'one\ntwo' }]);
});

test('comments and blocks without data are no events', () => {
  expect(parse(': connected\n\n', ': ping\n\n', 'id: 3\n\n', 'data: x\n\n')).toEqual([
    { id: null, event: 'message', data: 'x' },
  ]);
});

test('whoever wants to hears the comments', () => {
  const heard: string[] = [];
  const parser = createSseParser((comment) => heard.push(comment));

  parser.feed(': queued pos=1\n\n: star');
  parser.feed('ted queue_ms=5.0\n\ndata: x\n\n');

  expect(heard).toEqual(['queued pos=1', 'started queue_ms=5.0']);
});

test('lines may end in CR LF', () => {
  expect(parse('data: a\r\n\r\ndata: b\r\n\r\n').map(({ data }) => data)).toEqual(['a', 'b']);
});

test('an event is not handed out before it is complete', () => {
  const parser = createSseParser();

  expect(parser.feed('data: a\n')).toEqual([]);
  expect(parser.feed('\n')).toHaveLength(1);
});

test('wherever the text is cut, the same events come out', () => {
  const data = fc.string().map((text) => text.replace(/[\r\n]/g, ''));
  fc.assert(
    fc.property(fc.array(data, { maxLength: 8 }), fc.array(fc.nat(200), { maxLength: 8 }), (texts, cuts) => {
      const whole = texts.map((text, at) => `id: ${at}\ndata: ${text}\n\n`).join('');
      const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((place, at) => whole.slice(places[at], place));

      expect(parse(...chunks)).toEqual(parse(whole));
      expect(parse(whole)).toHaveLength(texts.length);
    }),
  );
});
