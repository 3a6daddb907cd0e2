/** What benches measure, as it is kept and shown. Numbers that a machine cannot tell are null, with the reason beside. */

import { z } from 'zod';

export const BENCH_KINDS = ['model', 'suitability', 'device'] as const;
export type BenchKind = (typeof BENCH_KINDS)[number];

export const benchRequestSchema = z.strictObject({
  kind: z.enum(BENCH_KINDS),
  /** The model, or the devices. */
  subject: z.string().min(1).max(500),
  /** As `bench` printed it. */
  result: z.record(z.string(), z.unknown()),
});
export type BenchRequest = z.output<typeof benchRequestSchema>;

export const benchViewSchema = z
  .object({
    id: z.number(),
    kind: z.enum(BENCH_KINDS),
    subject: z.string().describe('The model, or the devices.'),
    result: z.record(z.string(), z.unknown()),
    measured_at: z.iso.datetime(),
  })
  .readonly()
  .meta({ id: 'Bench' });
export type BenchView = z.output<typeof benchViewSchema>;
