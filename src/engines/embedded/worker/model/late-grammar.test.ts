/** A grammar that begins to hold in the middle of an answer, over the real library. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadDemoEngine } from '../../../../../test/support/demo-engine.ts';
import type { DemoEngine } from '../../../../../test/support/demo-engine.ts';

describe('a late grammar', () => {
  let demo: DemoEngine;
  beforeAll(async () => {
    demo = await loadDemoEngine();
  });
  afterAll(() => demo.close());

  const speech = { messages: [{ role: 'user', content: 'What is it?' }], temperature: 0, max_tokens: 60 };

  test('holds from its marker on, whatever else the token with the marker says', async () => {
    const plain = await demo.ask(speech, 'chat');
    const marker = plain.text.slice(8, 12);
    const grammar = await demo.engine.model.compile(`root ::= ${JSON.stringify(marker)} [^0-9]{0,12} "1234"`);

    const generation = await demo.read(speech, 'chat');
    const { text, ending } = await demo.run({ ...generation, late: { marker, grammar } });

    expect(text.slice(0, 12)).toBe(plain.text.slice(0, 12));
    expect(text.slice(12)).toMatch(/^[^0-9]*1234$/);
    expect(ending).toBe('eos');
  });

  test('that forbids what was said already leaves the answer free', async () => {
    const plain = await demo.ask(speech, 'chat');
    const grammar = await demo.engine.model.compile('root ::= "something else"');

    const generation = await demo.read(speech, 'chat');
    const answer = await demo.run({ ...generation, late: { marker: plain.text.slice(0, 4), grammar } });

    expect(answer.text).toBe(plain.text);
  });

  test('that never meets its marker never holds', async () => {
    const grammar = await demo.engine.model.compile('root ::= "x"');
    const generation = await demo.read(speech, 'chat');

    const answer = await demo.run({ ...generation, late: { marker: '<tool_call>', grammar } });

    expect(answer.text).toBe((await demo.ask(speech, 'chat')).text);
  });
});
