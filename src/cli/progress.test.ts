import { expect, test } from 'vitest';

import { TestClock } from '../kernel/clock.ts';
import { createOutput } from './output.ts';
import { createProgress } from './progress.ts';

function screen(isTTY: boolean) {
  const stream = {
    text: '',
    isTTY,
    columns: 40,
    write: (text: string) => ((stream.text += text), true),
    once: () => {},
  };
  return { output: createOutput(stream, {}), told: () => stream.text };
}

test('elsewhere than on a terminal each change is a line, told once', () => {
  const { output, told } = screen(false);

  using progress = createProgress(output, new TestClock());
  for (const phase of ['starting', 'starting', 'loading', 'loading']) progress.phase('chat', phase);

  expect(told()).toBe('chat: starting\nchat: loading\n');
});

test('what was only asked for is told on a terminal alone, so that a refusal stands by itself', () => {
  const elsewhere = screen(false);
  const terminal = screen(true);

  using plain = createProgress(elsewhere.output, new TestClock());
  using turning = createProgress(terminal.output, new TestClock());
  for (const progress of [plain, turning]) progress.expect('chat', 'starting');

  expect(elsewhere.told()).toBe('');
  expect(terminal.told()).toContain('chat starting');
});

test('on a terminal one line turns and counts the seconds', async () => {
  const { output, told } = screen(true);
  const clock = new TestClock();

  using progress = createProgress(output, clock);
  progress.phase('chat', 'loading');
  await clock.advance(1_200);

  expect(told()).toMatch(/chat loading 0ms/);
  expect(told()).toMatch(/chat loading 1\.2s$/);
  expect(told()).not.toContain('\n');
});

test('the turning line is gone when the progress ends, and its timer with it', async () => {
  const { output, told } = screen(true);
  const clock = new TestClock();
  const progress = createProgress(output, clock);
  progress.phase('chat', 'loading');

  progress[Symbol.dispose]();
  const then = told();
  await clock.advance(5_000);

  expect(then.endsWith('\r\u001b[K')).toBe(true);
  expect(told()).toBe(then);
});

test('the turning line never wraps', () => {
  const { output, told } = screen(true);

  using progress = createProgress(output, new TestClock());
  progress.phase('n'.repeat(100), 'loading');

  expect(told().split('\u001b[K').at(-1)?.length).toBeLessThan(40);
});
