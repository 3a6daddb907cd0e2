/** `drover training …`: what models were asked and answered, what people think of it, and files to train on. */

import { createWriteStream, readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';

import { AppError } from '../../../contract/errors.ts';
import type { ExportFormat, SampleKind, TrainingSampleView, TrainingStatsView } from '../../../contract/training.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes, orDash } from '../../format.ts';
import { cutTo, renderFields, renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function stats(this: CliContext, flags: JsonFlag): Promise<void> {
  const found = await this.client.trainingStats();
  if (flags.json) return printJson(this, found);
  this.out.write(renderFields(statsFields(found)));
  if (!found.recording) this.err.line('nothing is recorded now; to change that: drover config set training on');
}

function statsFields(found: TrainingStatsView): [string, string][] {
  const counts = (groups: TrainingStatsView['by_kind']): string =>
    orDash(
      Object.entries(groups)
        .map(([name, { samples, accepted }]) => `${name} ${samples} (${accepted} accepted)`)
        .join(', '),
    );
  return [
    ['Recording', found.recording ? 'on' : 'off'],
    ['File', `${found.path} (${bytes(found.bytes)})`],
    ['Samples', `${found.samples}, ${found.accepted} accepted, ${found.damaged} damaged lines`],
    ['By kind', counts(found.by_kind)],
    ['By model', counts(found.by_model)],
    ['Reviewed', `${found.reviewed}: ${found.positive} positive, ${found.pairs} preference pairs`],
  ];
}

interface ReviewFlags {
  readonly json: boolean;
  readonly kind?: SampleKind;
  readonly all: boolean;
  readonly last?: number;
  readonly rating?: number;
  readonly feedback?: string;
  readonly correction?: string;
}

/** Without an id what waits for a review; with one the sample; with a rating too, the rating is kept. */
export async function review(this: CliContext, flags: ReviewFlags, id?: string): Promise<void> {
  if (id === undefined) return listSamples(this, flags);
  const sample = await (flags.rating === undefined ? showSample(this, flags, id) : rate(this, flags, id, flags.rating));
  if (flags.json) return printJson(this, sample);
  this.out.write(renderFields(sampleFields(sample)));
  const part = (title: string, text: string): string => `\n${this.out.paint('bold', title)}\n${text.trimEnd()}\n`;
  if (sample.system !== null) this.out.write(part('System', sample.system));
  this.out.write(part('Prompt', sample.prompt) + part('Response', sample.response));
  if (sample.review?.correction != null) this.out.write(part('Correction', sample.review.correction));
}

async function listSamples(context: CliContext, flags: ReviewFlags): Promise<void> {
  if (flags.rating !== undefined || flags.feedback !== undefined || flags.correction !== undefined) {
    throw new AppError('INVALID_REQUEST', 'a review is of one sample: give its id');
  }
  const wanted = { kind: flags.kind, unreviewed: !flags.all, limit: flags.last ?? 20 };
  const samples = await context.client.trainingSamples(wanted);
  if (flags.json) return printJson(context, samples);
  if (samples.length === 0) return context.out.line('no samples wait for a review');
  context.out.write(renderTable(COLUMNS, samples));
  context.err.line('next: drover training review ID, then drover training review ID --rating 1..5');
}

const COLUMNS: readonly Column<TrainingSampleView>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'TIME', cell: ({ time }) => time },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'MODEL', cell: ({ model }) => model },
  { title: 'ABOUT', cell: ({ context }) => context.about },
  { title: 'ACCEPTED', cell: ({ outcome }) => (outcome.accepted ? 'yes' : 'no') },
  { title: 'RATING', cell: ({ review: found }) => (found === null ? '-' : `${found.rating} (${found.by})`) },
  { title: 'RESPONSE', cell: ({ response }) => cutTo(40, response.replaceAll(/\s+/g, ' ')) },
];

function showSample({ client }: CliContext, flags: ReviewFlags, id: string): Promise<TrainingSampleView> {
  if (flags.feedback === undefined && flags.correction === undefined) return client.trainingSample(id);
  throw new AppError('INVALID_REQUEST', 'a review needs a rating: add --rating 1..5');
}

function rate({ client }: CliContext, flags: ReviewFlags, id: string, rating: number): Promise<TrainingSampleView> {
  const { feedback, correction } = flags;
  return client.reviewTrainingSample(id, {
    rating,
    ...(feedback === undefined ? {} : { feedback }),
    ...(correction === undefined ? {} : { correction: textOf(correction) }),
  });
}

/** `-` is stdin. */
function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new AppError('INVALID_REQUEST', `${path} cannot be read`, { cause: error });
  }
}

function sampleFields(sample: TrainingSampleView): [string, string][] {
  const { outcome, review: found } = sample;
  return [
    ['Sample', `${sample.id}, ${sample.kind} by ${sample.model}, ${sample.time}`],
    ['About', `${sample.context.about} on ${orDash(sample.context.instance)}`],
    ['Outcome', outcome.accepted ? 'accepted' : `not accepted: ${orDash(outcome.problem)}`],
    [
      'Rating',
      found === null ? '-' : `${found.rating} by ${found.by}${found.feedback === null ? '' : `: ${found.feedback}`}`,
    ],
  ];
}

interface ExportFlags {
  readonly format: ExportFormat;
  readonly output?: string;
}

export async function exportSamples(this: CliContext, { format, output }: ExportFlags): Promise<void> {
  const chunks = this.client.exportTraining(format, this.signal);
  if (output === undefined) {
    for await (const chunk of chunks) await this.out.send(chunk);
    return;
  }
  let lines = 0;
  const file = createWriteStream(output, { mode: 0o600 });
  for await (const chunk of chunks) {
    lines += chunk.split('\n').length - 1;
    if (!file.write(chunk)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
  }
  file.end();
  await finished(file);
  this.err.line(`${lines} lines to ${output}`);
}
