/** `drover bench …`: what models and devices can do, measured, kept and compared. */

import type { BenchKind } from '../../../contract/benches.ts';
import { AppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { timeChat } from './chat-timing.ts';
import { benchDevice, benchPair } from './device-bench.ts';
import type { DeviceBench } from './device-bench.ts';
import { benchModel } from './model-bench.ts';
import type { ModelBench } from './model-bench.ts';
import { BEST_SCORE, judgeSuitability, PASS_MARKS, SUITABILITY_TASKS } from './suitability.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes, orDash } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';

interface ModelFlags {
  readonly devices?: readonly string[];
  readonly runs: number;
  readonly maxTokens: number;
  readonly compare: boolean;
  readonly json: boolean;
}

export async function model(this: CliContext, flags: ModelFlags, name: string): Promise<void> {
  const earlier = flags.compare ? await kept<ModelBench>(this, 'model') : [];
  const { devices = [], runs, maxTokens } = flags;
  const result = await benchModel(this, { model: name, devices, runs, maxTokens });
  await this.client.saveBench({ kind: 'model', subject: name, result: { ...result } });
  if (flags.json) return printJson(this, flags.compare ? { result, earlier } : result);
  const now = { ...result, measured_at: 'now' };
  this.out.write(
    renderTable<ModelBench & { readonly measured_at: string }>(
      [
        { title: 'MODEL', cell: (row) => row.model },
        { title: 'DEVICES', cell: (row) => row.devices.join(',') || 'as served' },
        { title: 'FIRST TOKEN', align: 'right', cell: (row) => (row.ttft_ms === null ? '-' : `${row.ttft_ms} ms`) },
        { title: 'TOKENS/S', align: 'right', cell: (row) => orDash(row.tokens_per_second) },
        { title: 'MEMORY', align: 'right', cell: (row) => bytes(row.memory_bytes) },
        {
          title: 'WARMER',
          align: 'right',
          cell: (row) => (row.temperature_rise_c === null ? '-' : `${row.temperature_rise_c} °C`),
        },
        { title: 'MEASURED', cell: (row) => row.measured_at },
      ],
      [now, ...earlier],
    ),
  );
  for (const note of result.notes) this.err.line(`note: ${note}`);
}

/** Earlier results of a kind, newest first. */
async function kept<T>(
  { client }: CliContext,
  kind: BenchKind,
): Promise<readonly (T & { readonly measured_at: string })[]> {
  const views = await client.benches({ kind });
  // The result is what this very command has stored.
  return views.map(({ result, measured_at: at }) => ({ ...(result as T), measured_at: at }));
}

export async function suitability(this: CliContext, flags: { readonly json: boolean }, name: string): Promise<void> {
  const answers: Record<string, string> = {};
  for (const { id, prompt } of SUITABILITY_TASKS) {
    this.err.line(`${id} …`);
    const messages = [{ role: 'user' as const, content: prompt }];
    const request = { model: name, messages, maxTokens: 300, temperature: 0, seed: 1, signal: this.signal };
    answers[id] = (await timeChat(this.client, this.clock, request)).text;
  }
  const judged = judgeSuitability(answers);
  const result = { model: name, ...judged, best: BEST_SCORE, pass_marks: PASS_MARKS, answers };
  await this.client.saveBench({ kind: 'suitability', subject: name, result });
  if (flags.json) printJson(this, result);
  else {
    this.out.write(
      renderFields([
        ...judged.scores.map(({ id, score }) => [id, `${score} of 2`] as const),
        ['total', `${judged.total} of ${BEST_SCORE}`],
        ['as brain', judged.brain ? 'fit' : `not fit: ${PASS_MARKS.brain} are needed`],
        ['as worker', judged.worker ? 'fit' : `not fit: ${PASS_MARKS.worker} are needed`],
      ]),
    );
  }
  if (!judged.worker) this.end(EXIT.failed);
}

interface DeviceFlags {
  readonly pair?: readonly string[];
  readonly model: string;
  readonly duration: number;
  readonly parallel: number;
  readonly json: boolean;
}

export async function device(this: CliContext, flags: DeviceFlags, ...ids: string[]): Promise<void> {
  const options = { model: flags.model, durationMs: flags.duration, parallel: flags.parallel };
  if (flags.pair !== undefined) return pair(this, flags, options);
  const wanted = ids.length > 0 ? ids : (await this.client.devices()).map(({ id }) => id);
  const results: DeviceBench[] = [];
  for (const id of wanted) {
    this.err.line(`${id} …`);
    const result = await benchDevice(this, id, options);
    await this.client.saveBench({ kind: 'device', subject: id, result: { ...result } });
    results.push(result);
  }
  if (flags.json) printJson(this, results);
  else showDevices(this, results.map(told('alone')));
}

async function pair(context: CliContext, flags: DeviceFlags, options: Parameters<typeof benchPair>[2]): Promise<void> {
  const names = flags.pair ?? [];
  if (names.length !== 2) {
    throw new AppError('INVALID_REQUEST', '--pair takes two devices', { hint: 'for example: --pair gpu0,gpu1' });
  }
  const result = await benchPair(context, names, options);
  await context.client.saveBench({ kind: 'device', subject: names.join('+'), result: { ...result } });
  if (flags.json) return printJson(context, result);
  showDevices(context, [...result.alone.map(told('alone')), ...result.together.map(told('together'))]);
  names.forEach((name, index) =>
    context.out.line(`${name} keeps ${orDash(result.kept_percent[index])} % beside the other`),
  );
}

/** A row of the table, and what ran beside it when that was measured. */
type DeviceRow = DeviceBench & { readonly run: 'alone' | 'together' };

function told(run: DeviceRow['run']): (bench: DeviceBench) => DeviceRow {
  return (bench) => ({ ...bench, run });
}

function showDevices({ out, err }: CliContext, results: readonly DeviceRow[]): void {
  const rate = (value: number | null): string => (value === null ? '-' : `${bytes(value)}/s`);
  out.write(
    renderTable<DeviceRow>(
      [
        { title: 'DEVICE', cell: (row) => row.device },
        { title: 'RUN', cell: (row) => row.run },
        { title: 'TOKENS/S', align: 'right', cell: (row) => String(row.tokens_per_second) },
        { title: 'FIRST', align: 'right', cell: (row) => orDash(row.curve[0]?.tokens_per_second) },
        { title: 'LAST', align: 'right', cell: (row) => orDash(row.curve.at(-1)?.tokens_per_second) },
        {
          title: 'WARMER',
          align: 'right',
          cell: (row) => (row.temperature_rise_c === null ? '-' : `${row.temperature_rise_c} °C`),
        },
        { title: 'THROTTLED', cell: (row) => (row.throttled === null ? '-' : row.throttled ? 'yes' : 'no') },
        { title: 'LOADS AT', align: 'right', cell: (row) => rate(row.host_to_device_bytes_per_second) },
        { title: 'EMBEDS/S', align: 'right', cell: (row) => orDash(row.embeddings_per_second) },
      ],
      results,
    ),
  );
  const notes = results.flatMap(({ device: id, notes: own }) => own.map((note) => `note: ${id}: ${note}`));
  for (const note of new Set(notes)) err.line(note);
}
