/** Values of labels that stay few whatever callers send: a time series is kept for each of them as long as the controller lives. Pure. */

import type { MetricViews } from './views.ts';

/** Stands for every value beyond those that get a series of their own. */
export const OTHER = 'other';

const MODELS = 100;
const INSTANCES = 200;

export interface Labels {
  /** For whatever name a request may carry. */
  model(asked: string): string;
  instance(name: string): string;
}

/** Shared by all metrics, so that they tell of the same names. */
export function createLabels(views: Pick<MetricViews, 'modelName'>): Labels {
  return { model: boundedLabel(MODELS, views.modelName), instance: boundedLabel(INSTANCES, (name) => name) };
}

/** The first `limit` names get a value of their own; what has no name never does. */
export function boundedLabel(limit: number, nameOf: (value: string) => string | null): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    const name = nameOf(value);
    if (name === null) return OTHER;
    if (seen.size < limit) seen.add(name);
    return seen.has(name) ? name : OTHER;
  };
}
