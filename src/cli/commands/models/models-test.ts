/** `drover models test`: each model loaded, asked one fixed prompt, and taken down again. */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { DeviceView } from '../../../contract/daemon.ts';
import { AppError, asAppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { isoTime } from '../../../kernel/clock.ts';
import { openBenchInstance } from '../bench/bench-instance.ts';
import { timeChat } from '../bench/chat-timing.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { resultsPage } from './results-page.ts';
import type { ModelTest } from './results-page.ts';
import { bytes, duration, orDash } from '../../format.ts';
import { renderTable } from '../../table.ts';

interface TestFlags {
  readonly all: boolean;
  readonly backend?: string;
  readonly page?: string;
  readonly json: boolean;
}

const PROMPT = 'Say in one sentence what a herd is.';
const MAX_TOKENS = 64;

/** Exit 1 when one fails. */
export async function test(this: CliContext, flags: TestFlags, ...ids: string[]): Promise<void> {
  const wanted = flags.all ? await readyIds(this) : ids;
  if (wanted.length === 0) {
    throw new AppError('INVALID_REQUEST', 'no model to test', { hint: 'name some, or give --all; "drover models ls"' });
  }
  const device = deviceFor(await this.client.devices(), flags.backend);
  const results: ModelTest[] = [];
  for (const id of wanted) {
    if (this.signal.aborted) break;
    this.err.line(`${id} on ${device} …`);
    results.push(await testOne(this, id, device));
  }
  if (flags.page !== undefined) {
    writeFileSync(
      resolve(this.cwd, flags.page),
      resultsPage(results, { at: isoTime(this.clock.now()), prompt: PROMPT }),
    );
  }
  if (flags.json) printJson(this, results);
  else this.out.write(tableOf(results));
  if (results.some(({ ok }) => !ok)) this.end(EXIT.failed);
}

async function readyIds({ client }: CliContext): Promise<readonly string[]> {
  return (await client.models()).filter(({ state }) => state === 'ready').map(({ id }) => id);
}

/** The first device of the backend; without one the first card, else the CPU. */
function deviceFor(devices: readonly DeviceView[], backend: string | undefined): string {
  const found =
    backend === undefined
      ? (devices.find(({ kind }) => kind !== 'cpu') ?? devices.find(({ kind }) => kind === 'cpu'))
      : devices.find((device) => isOf(device, backend));
  if (found !== undefined) return found.id;
  throw new AppError('DEVICE_NOT_FOUND', `no device computes with ${backend ?? 'anything'}`, {
    hint: 'run "drover devices ls"',
  });
}

function isOf({ id, kind, backend_names: names }: DeviceView, backend: string): boolean {
  return kind === backend || [id, ...names].some((name) => name.toLowerCase().startsWith(backend));
}

async function testOne(context: CliContext, model: string, device: string): Promise<ModelTest> {
  const { client, clock, signal } = context;
  try {
    await using instance = await openBenchInstance(context, { model, devices: [device], parallel: 1 });
    const messages = [{ role: 'user' as const, content: PROMPT }];
    const request = { model: instance.name, messages, maxTokens: MAX_TOKENS, temperature: 0, seed: 1, signal };
    const { text, completionTokens, tokensPerSecond, ttftMs } = await timeChat(client, clock, request);
    return {
      model,
      device,
      ok: completionTokens > 0,
      load_ms: instance.loadMs,
      ttft_ms: ttftMs,
      tokens: completionTokens,
      tokens_per_second: tokensPerSecond,
      memory_bytes: instance.memoryBytes,
      answer: text,
      error: completionTokens > 0 ? null : { code: 'ENGINE_FAILED', message: 'it answered nothing' },
    };
  } catch (thrown) {
    const { code, message } = asAppError(thrown);
    const nothing = {
      load_ms: null,
      ttft_ms: null,
      tokens: 0,
      tokens_per_second: null,
      memory_bytes: null,
      answer: '',
    };
    return { model, device, ok: false, ...nothing, error: { code, message } };
  }
}

function tableOf(results: readonly ModelTest[]): string {
  return renderTable<ModelTest>(
    [
      { title: 'MODEL', cell: ({ model }) => model },
      { title: 'DEVICE', cell: ({ device }) => device },
      { title: 'RESULT', cell: ({ ok }) => (ok ? 'ok' : 'failed') },
      { title: 'LOAD', align: 'right', cell: (row) => duration(row.load_ms) },
      { title: 'FIRST TOKEN', align: 'right', cell: (row) => duration(row.ttft_ms) },
      { title: 'TOKENS/S', align: 'right', cell: (row) => orDash(row.tokens_per_second) },
      { title: 'MEMORY', align: 'right', cell: (row) => bytes(row.memory_bytes) },
      { title: 'WHY', cell: ({ error }) => (error === null ? '' : `${error.code}: ${error.message}`) },
    ],
    results,
  );
}
