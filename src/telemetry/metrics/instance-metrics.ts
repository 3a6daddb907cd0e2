/** Metrics of instances: what they are now, read when asked, and how often engines ended and made room, as it is told. */

import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';

import { isFact } from '../../contract/index.ts';
import type { Fact } from '../../contract/index.ts';
import type { Listener } from '../told.ts';
import { addGauge } from './gauge.ts';
import type { Labels } from './labels.ts';
import { loadMetrics } from './load-metrics.ts';
import type { MetricViews } from './views.ts';

type InstanceViews = Pick<MetricViews, 'instances' | 'gateway'>;

export function instanceMetrics(registry: Registry, views: InstanceViews, labels: Labels): Listener {
  instanceGauges(registry, views, labels);
  const registers = [registry];
  const swaps = new Counter({
    name: 'drover_model_swaps_total',
    help: 'Loads of a model that others had to make room for.',
    labelNames: ['model'] as const,
    registers,
  });
  const evictions = new Counter({
    name: 'drover_model_evictions_total',
    help: 'Models that were put to sleep to make room for another.',
    labelNames: ['model'] as const,
    registers,
  });
  const exits = new Counter({
    name: 'drover_instance_exits_total',
    help: 'Engines that ended: `asked` when they were told to, `crashed` when not.',
    labelNames: ['instance', 'reason'] as const,
    registers,
  });
  const modelOf = (instance: string): string => labels.model(views.instances().get(instance)?.modelId ?? instance);
  const onChange = loadMetrics(registry, modelOf);

  function onFact(fact: Fact): void {
    const name = fact.subject.slice('instance:'.length);
    if (isFact(fact, 'instance.exited')) {
      exits.inc({ instance: labels.instance(name), reason: fact.data.asked ? 'asked' : 'crashed' });
    } else if (isFact(fact, 'instance.changed')) {
      onChange(name, fact);
    }
  }

  return (told) => {
    if (told.kind === 'fact') onFact(told.fact);
    if (told.kind === 'model-swapped') {
      swaps.inc({ model: modelOf(told.wanted) });
      for (const victim of told.victims) evictions.inc({ model: modelOf(victim) });
    }
  };
}

function instanceGauges(registry: Registry, views: InstanceViews, labels: Labels): void {
  addGauge(registry, {
    name: 'drover_instance_state',
    help: 'One series per instance: 1 with the state that it is in.',
    labels: ['instance', 'model', 'state'],
    read(gauge) {
      for (const { name, modelId, state } of views.instances().values()) {
        gauge.set({ instance: labels.instance(name), model: labels.model(modelId ?? name), state }, 1);
      }
    },
  });
  addGauge(registry, {
    name: 'drover_instance_slots',
    help: 'Slots of an instance: `total`, and those `busy` with requests.',
    labels: ['instance', 'kind'],
    read(gauge) {
      for (const [name, { busy, total }] of Object.entries(views.gateway().slots)) {
        const instance = labels.instance(name);
        gauge.inc({ instance, kind: 'busy' }, busy);
        gauge.inc({ instance, kind: 'total' }, total);
      }
    },
  });
  addGauge(registry, {
    name: 'drover_instance_breaker',
    help: 'One series per instance: 1 with the state of its breaker; `open` keeps requests away while it fails them, `half-open` tries it again.',
    labels: ['instance', 'state'],
    read(gauge) {
      for (const [name, state] of Object.entries(views.gateway().breakers)) {
        gauge.inc({ instance: labels.instance(name), state });
      }
    },
  });
  addGauge(registry, {
    name: 'drover_instance_memory_bytes',
    help: 'Reserved on the device for an instance.',
    labels: ['instance'],
    read(gauge) {
      for (const { name, memoryBytes } of views.instances().values()) {
        gauge.inc({ instance: labels.instance(name) }, memoryBytes);
      }
    },
  });
}
