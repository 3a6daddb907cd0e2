import { describe, expect, test } from 'vitest';

import { readUsage, UsageObserver } from './usage.ts';

describe('usage', () => {
  test('is read from the last frame that has it', () => {
    const bytes = Buffer.from(
      'data: {"usage":null}\n\ndata: {"choices":[],"usage":{"completion_tokens":3,"prompt_tokens":5,"details":{"x":1}}}\n\ndata: [DONE]\n\n',
    );

    expect(readUsage(bytes)).toEqual({ tokensIn: 5, tokensOut: 3 });
  });

  test('is read from timings where there is no usage', () => {
    const bytes = Buffer.from('data: {"timings":{"cache_n":4,"prompt_n":6,"predicted_n":9}}\n\n');

    expect(readUsage(bytes)).toEqual({ tokensIn: 10, tokensOut: 9 });
  });

  test('is not taken from what a model wrote', () => {
    const content = JSON.stringify({ content: '"usage":{"prompt_tokens":1,"completion_tokens":1}' });

    expect(readUsage(Buffer.from(`data: ${content}\n\n`))).toBeNull();
  });

  test('is the number of frames where the engine told nothing', () => {
    const observer = new UsageObserver('data: [DONE]');

    for (let count = 0; count < 500; count++)
      observer.see(Buffer.from(`data: {"choices":[{"delta":{"content":"${count}"}}]}\n\n`));

    expect(observer.usage()).toEqual({ tokensIn: 0, tokensOut: 500 });
    expect(observer.sawEnd()).toBe(false);
  });
});
