/** How long requests occupy a slot, per model and on each of its instances, as moving averages. Pure. */

/** Weight of the newest sample. */
const NEWEST = 0.2;

export class ServiceTimes {
  readonly #models = new Map<string, number>();
  readonly #instances = new Map<string, Map<string, number>>();

  /** Milliseconds; null before the first sample. */
  of(model: string): number | null {
    return this.#models.get(model) ?? null;
  }

  /** The same on one instance; as on the others before it has had any. */
  on(model: string, instance: string): number | null {
    return this.#instances.get(model)?.get(instance) ?? this.of(model);
  }

  record(model: string, instance: string, ms: number): void {
    const instances = this.#instances.get(model) ?? new Map<string, number>();
    this.#instances.set(model, instances);
    note(this.#models, model, ms);
    note(instances, instance, ms);
  }

  /** The instance is gone. */
  forget(instance: string): void {
    for (const instances of this.#instances.values()) instances.delete(instance);
  }
}

function note(averages: Map<string, number>, name: string, ms: number): void {
  const before = averages.get(name) ?? ms;
  averages.set(name, before + NEWEST * (ms - before));
}
