/** Settings of models: the brain's own, what is kept of their answers, and the instances that serve them. */

import { brainModel } from '../brain-setting.ts';
import type { BrainSetting } from '../brain-setting.ts';
import { duration, hubAddress, integer, truth } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface ModelSettings {
  /** Null: the brain goes by its rules alone. */
  readonly brain: BrainSetting | null;
  /** Every prompt of plans and of the brain is kept with its answer. */
  readonly training: boolean;
  readonly instancePortFrom: number;
  readonly ephemeralIdleTtlMs: number;
  /** Without a slash at its end. */
  readonly hubEndpoint: string;
  readonly autoPull: boolean;
}

export const MODEL_SETTINGS: SettingTable<ModelSettings> = {
  brain: {
    key: 'brain',
    env: 'DROVER_BRAIN',
    kind: brainModel,
    about: "The brain's own model, and the cards that it is split over.",
    counts: 'after-restart',
    fallback: () => null,
  },
  training: {
    key: 'training',
    env: 'DROVER_TRAINING',
    kind: truth,
    about: 'Are prompts kept with their answers, in training/training_samples.jsonl?',
    counts: 'live',
    fallback: () => true,
  },
  instancePortFrom: {
    key: 'instance_port_from',
    kind: integer(1, 65_535),
    about: 'Where the agent starts looking for ports of instances.',
    counts: 'after-restart',
    fallback: () => 8001,
  },
  ephemeralIdleTtlMs: {
    key: 'ephemeral_idle_ttl',
    kind: duration,
    about: 'How long an instance that a request made stays without another one.',
    counts: 'live',
    fallback: () => 600_000,
  },
  hubEndpoint: {
    key: 'hub_endpoint',
    env: 'HF_ENDPOINT',
    kind: hubAddress,
    about: 'The hub that models are pulled from.',
    counts: 'live',
    fallback: () => 'https://huggingface.co',
  },
  autoPull: {
    key: 'auto_pull',
    kind: truth,
    about: 'May a request for a model of the hub (hf:…, or a name of drover models catalog) have it pulled?',
    counts: 'live',
    fallback: () => false,
  },
};
