import { describe, expect, test } from 'vitest';

import { cpuMs } from '../../../test/support/cpu-time.ts';
import { affinityOf } from './affinity.ts';
import { homeOf } from './rendezvous.ts';

const keyOf = (body: object, headers: Record<string, string> = {}): string | null => affinityOf(headers, { ...body })();
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });

describe('by what requests belong together', () => {
  test('a session that is named in a header, the field of a client, or the user of Claude Code', () => {
    const messages = [user('hi')];

    expect(keyOf({ messages }, { 'x-session-id': 's1' })).toBe('session s1');
    expect(keyOf({ messages, prompt_cache_key: 's2' })).toBe('session s2');
    expect(keyOf({ messages, metadata: { user_id: 'user_1f_account_2e_session_s3' } })).toBe('session s3');
    expect(keyOf({ messages, metadata: { user_id: '{"device_id":"d","session_id":"s4"}' } })).toBe('session s4');
    expect(keyOf({ messages, metadata: { user_id: 'somebody' } })).toMatch(/^prefix /);
  });

  test('else the opening of the chat, which every further turn repeats', () => {
    const first = keyOf({ messages: [system('Be brief.'), user('What is a herd?')] });

    const later = [system('Be  brief.\n'), user([{ type: 'text', text: 'What is a herd?' }]), assistant('Llamas.')];
    expect(keyOf({ messages: [...later, user('And more?')] })).toBe(first);
    expect(keyOf({ messages: [system('Be brief.'), user('What is a flock?')] })).not.toBe(first);
    expect(keyOf({ messages: [system('Be long.'), user('What is a herd?')] })).not.toBe(first);
  });

  test('a line of the system prompt that changes with every request does not tell them apart', () => {
    const turn = (cch: string): object => ({
      system: [
        { type: 'text', text: `x-anthropic-billing-header: cch=${cch}` },
        { type: 'text', text: 'You are Claude Code.' },
      ],
      messages: [user('hi')],
    });

    expect(keyOf(turn('aa'))).toBe(keyOf(turn('bb')));
  });

  test('a plain prompt by its beginning, and nothing by nothing', () => {
    const document = 'llama '.repeat(4_000);

    expect(keyOf({ prompt: `${document} and then` })).toBe(keyOf({ prompt: `${document} or else` }));
    expect(keyOf({ prompt: 'a' })).not.toBe(keyOf({ prompt: 'b' }));
    expect(keyOf({ model: 'demo' })).toBeNull();
  });

  test('a megabyte of white space is read at once', async () => {
    const ms = await cpuMs(() => keyOf({ messages: [user(' '.repeat(1_000_000))], prompt: '\n'.repeat(1_000_000) }));

    expect(ms).toBeLessThan(1_000);
  });
});

describe('the home of a key', () => {
  const home = (key: string, names: readonly string[]): string | undefined =>
    homeOf(
      key,
      names.map((name) => ({ name, slotsTotal: 1 })),
    )?.name;
  const keys = Array.from({ length: 3_000 }, (_, index) => `session ${index}`);

  test('keys are spread over the instances, and stay when another one comes or goes', () => {
    const before = keys.map((key) => home(key, ['a', 'b', 'c']));

    const counts = ['a', 'b', 'c'].map((name) => before.filter((each) => each === name).length);
    expect(Math.min(...counts)).toBeGreaterThan(850);
    const moved = keys.filter((key, index) => before[index] !== 'c' && home(key, ['a', 'b']) !== before[index]);
    expect(moved).toEqual([]);
  });
});
