/** Models that are loaded and unloaded in no time; every call is kept. */

import type { ModelsPort } from '../../src/brain/index.ts';

export class FakeModels implements ModelsPort {
  readonly calls: string[] = [];

  async load(model: string): Promise<void> {
    this.calls.push(`load ${model}`);
  }

  async unload(model: string): Promise<void> {
    this.calls.push(`unload ${model}`);
  }
}
