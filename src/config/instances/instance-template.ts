/** A first config for a new instance, as `drover init` writes it: short, and everything left out is a default. Pure. */

import type { InstanceConfigInput } from '../../contract/instance-config.ts';

export const PROFILES = ['cpu', 'cuda', 'vulkan', 'rocm', 'metal'] as const;
export type Profile = (typeof PROFILES)[number];

interface TemplateChoices {
  readonly name: string;
  readonly profile: Profile;
  /** A catalogue id, or the absolute path of a model file. */
  readonly model: { readonly id: string } | { readonly path: string };
  readonly port?: number | undefined;
}

export function instanceTemplate(choices: TemplateChoices): InstanceConfigInput {
  const { name, profile, model, port } = choices;
  return {
    name,
    model,
    ...(port === undefined ? {} : { server: { port } }),
    gpu: profile === 'cpu' ? { backend: 'cpu' } : { backend: profile, layers: 'all' },
  };
}
