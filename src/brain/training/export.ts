/** Samples in the forms that training programs read; one JSON value a line. Pure. */

import type { ExportFormat } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import { isPair, isPositive } from './samples.ts';
import type { ReviewedSample } from './samples.ts';

/** Null for a sample that does not belong in that format. */
export function exported(sample: ReviewedSample, format: ExportFormat): unknown {
  switch (format) {
    case 'raw':
      return sample;
    case 'positive':
      return isPositive(sample) ? { messages: [...asked(sample), said(sample.response)] } : null;
    case 'preference':
      return isPair(sample)
        ? { prompt: asked(sample), chosen: [said(sample.review?.correction ?? '')], rejected: [said(sample.response)] }
        : null;
    default:
      return assertNever(format);
  }
}

function asked({ system, prompt }: ReviewedSample) {
  const rules = system === null ? [] : [{ role: 'system', content: system }];
  return [...rules, { role: 'user', content: prompt }];
}

function said(content: string) {
  return { role: 'assistant', content };
}
