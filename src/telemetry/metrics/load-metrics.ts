/** Metrics of models that were loaded, or left memory, told apart from the changes of their instances. */

import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

import type { Fact } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import { createLoadWatch } from './loads.ts';
import type { LoadEvent } from './loads.ts';

const LOAD_SECONDS = [0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600];

type Changed = Fact<'instance.changed'>;

/** To be called with each change of an instance. `modelOf` names its model as the label shall have it. */
export function loadMetrics(
  registry: Registry,
  modelOf: (instance: string) => string,
): (instance: string, changed: Changed) => void {
  const registers = [registry];
  const loads = new Counter({
    name: 'drover_model_loads_total',
    help: 'Starts of engines with a model that came to an end: `loaded` or `failed`.',
    labelNames: ['model', 'outcome'] as const,
    registers,
  });
  const loadSeconds = new Histogram({
    name: 'drover_model_load_seconds',
    help: 'From the start of an engine until it is ready.',
    labelNames: ['model'] as const,
    buckets: LOAD_SECONDS,
    registers,
  });
  const unloads = new Counter({
    name: 'drover_model_unloads_total',
    help: 'Models that left memory: `idle` fell asleep or made room, `asked` was stopped, `crashed` ended by itself.',
    labelNames: ['model', 'reason'] as const,
    registers,
  });
  const watch = createLoadWatch();

  function onLoad(model: string, event: LoadEvent): void {
    switch (event.kind) {
      case 'loaded':
        loads.inc({ model, outcome: 'loaded' });
        if (event.ms !== null) loadSeconds.observe({ model }, event.ms / 1_000);
        return;
      case 'load-failed':
        return loads.inc({ model, outcome: 'failed' });
      case 'unloaded':
        return unloads.inc({ model, reason: event.reason });
      default:
        return assertNever(event);
    }
  }

  return (instance, { data, at }) => {
    const event = watch(instance, data, at);
    if (event !== null) onLoad(modelOf(instance), event);
  };
}
