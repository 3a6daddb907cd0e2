/** The bench of a model: three timed chats, and what they did to devices and memory. */

import type { DeviceView } from '../../../contract/daemon.ts';
import type { CliContext } from '../../context.ts';
import { openBenchInstance } from './bench-instance.ts';
import { median, timeChat } from './chat-timing.ts';
import type { ChatTiming } from './chat-timing.ts';

export interface ModelBench {
  readonly model: string;
  /** Empty: wherever it is served. */
  readonly devices: readonly string[];
  readonly runs: readonly Omit<ChatTiming, 'text'>[];
  readonly ttft_ms: number | null;
  readonly tokens_per_second: number | null;
  /** Until the first answer, which loads the model where it is not. */
  readonly warm_up_ms: number;
  readonly memory_bytes: number | null;
  /** The greatest of any device; null where nothing tells a temperature. */
  readonly temperature_rise_c: number | null;
  /** Why numbers are missing. */
  readonly notes: readonly string[];
}

interface ModelBenchOptions {
  readonly model: string;
  readonly devices: readonly string[];
  readonly runs: number;
  readonly maxTokens: number;
}

const PROMPT = 'Explain in plain words how a bicycle stays upright, step by step, with an example for each step.';

export async function benchModel(context: CliContext, options: ModelBenchOptions): Promise<ModelBench> {
  if (options.devices.length === 0) return measure(context, options, { name: options.model, memoryBytes: null });
  await using instance = await openBenchInstance(context, { ...options, parallel: 1 });
  // Awaited here: the instance goes when this function ends.
  return await measure(context, options, instance);
}

async function measure(
  context: CliContext,
  { model, devices, runs, maxTokens }: ModelBenchOptions,
  served: { readonly name: string; readonly memoryBytes: number | null },
): Promise<ModelBench> {
  const { client, clock, signal, err } = context;
  const ask = (tokens: number): Promise<ChatTiming> =>
    timeChat(client, clock, {
      model: served.name,
      messages: [{ role: 'user', content: PROMPT }],
      maxTokens: tokens,
      temperature: 0,
      seed: 1,
      signal,
    });
  const before = await client.devices();
  const warmUp = await ask(1);
  const timings: Omit<ChatTiming, 'text'>[] = [];
  for (let run = 1; run <= runs; run += 1) {
    err.line(`run ${run} of ${runs} …`);
    const { text: _text, ...timing } = await ask(maxTokens);
    timings.push(timing);
  }
  const rise = temperatureRise(before, await client.devices());
  const memory = served.memoryBytes ?? (await memoryOf(context, served.name));
  return {
    model,
    devices,
    runs: timings,
    ttft_ms: median(timings.map(({ ttftMs }) => ttftMs)),
    tokens_per_second: median(timings.map(({ tokensPerSecond }) => tokensPerSecond)),
    warm_up_ms: warmUp.totalMs,
    memory_bytes: memory,
    temperature_rise_c: rise,
    notes: [
      ...(rise === null ? ['no device tells its temperature'] : []),
      ...(memory === null ? ['nothing measures the memory of its instance'] : []),
    ],
  };
}

function temperatureRise(before: readonly DeviceView[], after: readonly DeviceView[]): number | null {
  const rises = after.flatMap(({ host, id, temperature_c: now }) => {
    const then = before.find((device) => device.host === host && device.id === id)?.temperature_c ?? null;
    return now === null || then === null ? [] : [now - then];
  });
  return rises.length === 0 ? null : Math.max(...rises);
}

/** Of the instance that serves the model, when there is just one. */
async function memoryOf({ client }: CliContext, model: string): Promise<number | null> {
  const serving = (await client.instances()).filter(({ name, model: served }) => name === model || served === model);
  const [only] = serving;
  return only === undefined || serving.length > 1 ? null : (await client.instance(only.name)).memory_observed_bytes;
}
