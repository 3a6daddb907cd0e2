/** Gauges that are read anew with each scrape: what is not there any more loses its series. */

import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

interface GaugeShape<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Sets what there is now, on the emptied gauge. */
  readonly read: (gauge: Gauge<Label>) => void | Promise<void>;
}

export function addGauge<Label extends string = never>(registry: Registry, shape: GaugeShape<Label>): void {
  const { name, help, labels, read } = shape;
  const gauge = new Gauge<Label>({
    name,
    help,
    labelNames: labels,
    registers: [],
    collect() {
      this.reset();
      return read(this);
    },
  });
  registry.registerMetric(gauge);
}
