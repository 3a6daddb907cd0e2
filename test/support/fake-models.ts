/** Models that are loaded and unloaded in no time; every call is kept. */

import type { Loadable, ModelsPort, ServedInstance } from '../../src/brain/index.ts';

export class FakeModels implements ModelsPort {
  readonly host = 'here';
  readonly calls: string[] = [];
  served: readonly ServedInstance[] = [];
  takes: Loadable | null = null;

  async load(model: string, device?: string): Promise<void> {
    this.calls.push(device === undefined ? `load ${model}` : `load ${model} ${device}`);
  }

  async unload(model: string): Promise<void> {
    this.calls.push(`unload ${model}`);
  }

  async sleep(instance: string): Promise<void> {
    this.calls.push(`sleep ${instance}`);
  }

  instances(): readonly ServedInstance[] {
    return this.served;
  }

  loadable(): Loadable | null {
    return this.takes;
  }

  comesByRequest(): boolean {
    return this.takes === null;
  }
}
