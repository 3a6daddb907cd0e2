import { expect, test } from 'vitest';

import type { WorkerReport } from '../../contract/index.ts';
import { CONTROLLER } from '../book.ts';
import { heldWords } from './held-words.ts';

const HOLDER = { agent: 'attic', epoch: 1 };
const RUNNING = { kind: 'running', holder: HOLDER, device: 'gpu0', pid: 7, startedAt: 0 } as const;

function workers(paused: boolean): (host: string) => readonly WorkerReport[] {
  const attempt = { batchId: 'b', task: 't', no: 1 };
  const report = { attempt, device: 'gpu0', pid: 7, memoryBytes: null, startedAt: 0, quietMs: 0, paused };
  return (host) => (host === 'attic' ? [report] : []);
}

test('what an agent has been given, and does not go on with, says why', () => {
  expect(heldWords({ kind: 'leased', holder: HOLDER }, 'b/t#1', workers(false))).toMatch(/^attic has it/);
  expect(heldWords(RUNNING, 'b/t#1', workers(true))).toBe('stands still until gpu0 is cooler');
  expect(heldWords(RUNNING, 'b/t#1', workers(false))).toBeNull();
  expect(heldWords(RUNNING, 'b/t#2', workers(true))).toBeNull();
  expect(heldWords({ kind: 'leased', holder: { agent: CONTROLLER, epoch: 1 } }, 'b/t#1', workers(true))).toBeNull();
});
