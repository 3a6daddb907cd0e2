/** Routes of the commands on training data. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { count, jsonFlag, oneOfWords, switchFlag, text, valueFlag, wholeNumber } from '../flags.ts';

const kinds = oneOfWords('generate', 'parse', 'decide', 'repair', 'evaluate');

function stars(input: string): number {
  const rating = wholeNumber(input);
  if (rating >= 1 && rating <= 5) return rating;
  throw new Error(`${input} is no rating: 1 to 5`);
}

export const training = buildRouteMap({
  routes: {
    stats: buildCommand({
      loader: async () => (await import('../commands/batches/training.ts')).stats,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'Count the samples: by kind, by model, reviewed, fit for training' },
    }),
    review: buildCommand({
      loader: async () => (await import('../commands/batches/training.ts')).review,
      parameters: {
        flags: {
          json: jsonFlag,
          kind: valueFlag(kinds, 'Only samples of this kind: generate, parse, decide, repair, evaluate', 'KIND'),
          all: switchFlag('Also samples that were reviewed'),
          last: valueFlag(count, 'The newest so many; 20 without it', 'N'),
          rating: valueFlag(stars, 'Rate the sample: 1 is useless, 5 is as it should be', '1..5'),
          feedback: valueFlag(text, 'Why', 'TEXT'),
          correction: valueFlag(text, 'File with the answer as it should have been; - for stdin', 'FILE'),
        },
        positional: {
          kind: 'tuple',
          parameters: [{ brief: 'Id of a sample', placeholder: 'ID', parse: text, optional: true }],
        },
      },
      docs: {
        brief: 'List what waits for a review, show a sample, or rate it',
        fullDescription: `List what waits for a review, show a sample, or rate it. A later review takes the place of an earlier one.

Examples:
  drover training review
  drover training review k3v9q2m1x8c7b6n5
  drover training review k3v9q2m1x8c7b6n5 --rating 2 --correction better.txt`,
      },
    }),
    export: buildCommand({
      loader: async () => (await import('../commands/batches/training.ts')).exportSamples,
      parameters: {
        flags: {
          format: {
            kind: 'enum',
            values: ['positive', 'preference', 'raw'],
            default: 'positive',
            brief: 'positive: chats rated 4 or 5. preference: pairs rated 1 or 2 with a correction. raw: everything',
          },
          output: valueFlag(text, 'File to write; stdout without it', 'FILE'),
        },
      },
      docs: {
        brief: 'Write samples as training programs read them, one JSON value a line',
        fullDescription: `Write samples as training programs read them, one JSON value a line.

Examples:
  drover training export --output chats.jsonl
  drover training export --format preference | wc -l`,
      },
    }),
  },
  docs: { brief: 'Keep what models were asked and answered, and make training data of it' },
});
