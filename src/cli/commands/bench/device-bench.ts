/**
 * The bench of devices: an instance on each, kept busy for a while, and the curves of tokens, temperature and clock. What
 * a device does not tell is null, and said.
 */

import type { DeviceView } from '../../../contract/daemon.ts';
import { asAppError } from '../../../contract/errors.ts';
import type { CliContext } from '../../context.ts';
import { openBenchInstance } from './bench-instance.ts';
import { median, round, timeChat } from './chat-timing.ts';

interface DeviceSample {
  readonly at_ms: number;
  readonly tokens_per_second: number;
  readonly temperature_c: number | null;
  readonly core_clock_mhz: number | null;
  readonly throttle_reasons: readonly string[];
}

export interface DeviceBench {
  readonly device: string;
  readonly name: string;
  readonly model: string;
  readonly duration_ms: number;
  readonly load_ms: number;
  /** From the disk into the device, as the agent has measured it. */
  readonly host_to_device_bytes_per_second: number | null;
  readonly tokens_per_second: number;
  readonly curve: readonly DeviceSample[];
  readonly temperature_rise_c: number | null;
  readonly throttled: boolean | null;
  readonly embeddings_per_second: number | null;
  readonly notes: readonly string[];
}

interface DeviceBenchOptions {
  readonly model: string;
  readonly durationMs: number;
  readonly parallel: number;
}

const SAMPLES = 10;
const TEXTS = Array.from({ length: 16 }, (_, index) => `sentence ${index}: the harbour is closed because of ice`);

export async function benchDevice(
  context: CliContext,
  device: string,
  options: DeviceBenchOptions,
): Promise<DeviceBench> {
  const { clock } = context;
  await using instance = await openBenchInstance(context, { ...options, devices: [device] });
  const counter = { tokens: 0 };
  const begun = clock.monotonic();
  const until = begun + options.durationMs;
  const curve: DeviceSample[] = [];
  const load = Array.from({ length: options.parallel }, () => keepBusy(context, instance.name, until, counter));
  await Promise.all([...load, sampleUntil(context, { device, begun, until, counter, curve })]);
  const took = clock.monotonic() - begun;
  const embeddings = await embeddingRate(context, instance.name);
  const view = await viewOf(context, device);
  const temperatures = curve.flatMap(({ temperature_c: value }) => value ?? []);
  const clocks = curve.some(({ core_clock_mhz: value }) => value !== null);
  return {
    device,
    name: view?.name ?? device,
    model: options.model,
    duration_ms: Math.round(took),
    load_ms: instance.loadMs,
    host_to_device_bytes_per_second: view?.load_rate ?? null,
    tokens_per_second: round(counter.tokens / (took / 1_000)),
    curve,
    temperature_rise_c: temperatures.length === 0 ? null : Math.max(...temperatures) - (temperatures[0] ?? 0),
    throttled: clocks ? curve.some(({ throttle_reasons: reasons }) => reasons.length > 0) : null,
    embeddings_per_second: embeddings.rate,
    notes: [
      ...(temperatures.length === 0 ? [`${device} tells no temperature`] : []),
      ...(clocks ? [] : [`${device} tells no clock, so throttling is not seen`]),
      ...(view?.load_rate === null ? [`no load into ${device} was large enough to measure its rate`] : []),
      ...(embeddings.why === null ? [] : [embeddings.why]),
    ],
  };
}

async function viewOf({ client }: CliContext, device: string): Promise<DeviceView | undefined> {
  const views = await client.devices();
  return views.find(({ id, aliases, uuid }) => id === device || uuid === device || aliases.includes(device));
}

async function keepBusy(context: CliContext, model: string, until: number, counter: { tokens: number }): Promise<void> {
  const { client, clock, signal } = context;
  for (let turn = 0; clock.monotonic() < until && !signal.aborted; turn += 1) {
    const messages = [{ role: 'user' as const, content: `Tell a long story about ship number ${turn}.` }];
    const { completionTokens } = await timeChat(client, clock, { model, messages, maxTokens: 64, signal });
    counter.tokens += completionTokens;
  }
}

interface Sampling {
  readonly device: string;
  readonly begun: number;
  readonly until: number;
  readonly counter: { readonly tokens: number };
  readonly curve: DeviceSample[];
}

async function sampleUntil(context: CliContext, { device, begun, until, counter, curve }: Sampling): Promise<void> {
  const { clock, signal } = context;
  const step = (until - begun) / SAMPLES;
  let before = 0;
  for (let index = 0; index < SAMPLES && !signal.aborted; index += 1) {
    await clock.sleep(step, signal).catch(() => {});
    const view = await viewOf(context, device);
    curve.push({
      at_ms: Math.round(clock.monotonic() - begun),
      tokens_per_second: round((counter.tokens - before) / (step / 1_000)),
      temperature_c: view?.temperature_c ?? null,
      core_clock_mhz: view?.core_clock_mhz ?? null,
      throttle_reasons: view?.throttle_reasons ?? [],
    });
    before = counter.tokens;
  }
}

async function embeddingRate(
  { client, clock }: CliContext,
  model: string,
): Promise<{ readonly rate: number | null; readonly why: string | null }> {
  try {
    const rates: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const begun = clock.monotonic();
      await client.embed(model, TEXTS);
      rates.push(TEXTS.length / ((clock.monotonic() - begun) / 1_000));
    }
    return { rate: round(median(rates) ?? 0), why: null };
  } catch (error) {
    return { rate: null, why: `no embeddings: ${asAppError(error).message}` };
  }
}

interface PairBench {
  readonly alone: readonly DeviceBench[];
  readonly together: readonly DeviceBench[];
  /** Of the tokens per second of each alone, in percent. */
  readonly kept_percent: readonly (number | null)[];
}

/** Each alone, then both at once: what they lose is what they share. */
export async function benchPair(
  context: CliContext,
  pair: readonly string[],
  options: DeviceBenchOptions,
): Promise<PairBench> {
  const alone: DeviceBench[] = [];
  for (const device of pair) alone.push(await benchDevice(context, device, options));
  const together = await Promise.all(pair.map((device) => benchDevice(context, device, options)));
  const kept = together.map(({ tokens_per_second: now }, index) => {
    const then = alone[index]?.tokens_per_second ?? 0;
    return then === 0 ? null : Math.round((now / then) * 100);
  });
  return { alone, together, kept_percent: kept };
}
