/** Routes of the commands on models. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { poolCommands } from './models-pool.ts';
import { jsonFlag, oneArgument, switchFlag, text, valueFlag, wholeNumber } from '../flags.ts';

const oneId = oneArgument('Id in the catalogue', 'ID');
const someIds = {
  kind: 'array',
  parameter: { brief: 'Ids in the catalogue', placeholder: 'ID', parse: text },
} as const;
const tierFlag = valueFlag(wholeNumber, '1 to 4, from a helper to the best there is', 'N');

const pull = buildCommand({
  loader: async () => (await import('../commands/models/models-pull.ts')).pull,
  parameters: {
    flags: {
      name: valueFlag(text, 'Id for the catalogue; absent: it follows from the reference', 'ID'),
      tier: tierFlag,
      noWait: switchFlag('Do not wait for its end'),
      json: jsonFlag,
    },
    positional: oneArgument('hf:ORG/REPO[@REV][:FILE|:QUANT], or a name of "drover models catalog"', 'REFERENCE'),
  },
  docs: {
    brief: 'Download a model from the hub',
    fullDescription: `Download a model from the hub: Q4_K_M when no quantisation is named, all of its parts, and the projector beside it.
It is the daemon's: Ctrl-C only leaves it (exit 130), the same command watches it again, and it goes on where it stopped,
whatever was killed. HF_TOKEN is handed on, HF_ENDPOINT (setting hub_endpoint) names another hub.
With --host HOST the Drover there downloads it. Off a terminal, and with --json, each change is a line of JSON.

Examples:
  drover models pull qwen-0.5b
  drover models pull --host rig qwen-0.5b
  drover models pull hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0 --name qwen-small
  HF_TOKEN=… drover models pull hf:org/gated-model-GGUF`,
  },
});

export const models = buildRouteMap({
  routes: {
    pull,
    download: pull,
    cancel: buildCommand({
      loader: async () => (await import('../commands/models/models-pull.ts')).cancel,
      parameters: { flags: {}, positional: oneId },
      docs: { brief: 'End a download; nothing is left of it' },
    }),
    demo: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).demo,
      parameters: { flags: { json: jsonFlag } },
      docs: {
        brief: 'Write the demo model and register it as "demo"',
        fullDescription: `Write the demo model, a small model that needs no download, and register it as "demo".

Example:
  drover models demo && drover init chat --profile cpu -m demo && drover up chat`,
      },
    }),
    ls: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).ls,
      parameters: { flags: { retired: switchFlag('Retired ones too'), json: jsonFlag } },
      docs: { brief: 'List the catalogue' },
    }),
    catalog: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).catalog,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'List what can be pulled by a short name' },
    }),
    info: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).info,
      parameters: { flags: { json: jsonFlag }, positional: oneId },
      docs: { brief: 'Tell all that is known of a model, and which devices would hold it' },
    }),
    register: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).register,
      parameters: {
        flags: { tier: tierFlag, json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Id for the catalogue', placeholder: 'ID', parse: text },
            { brief: 'A .gguf file', placeholder: 'FILE', parse: text },
          ],
        },
      },
      docs: {
        brief: 'Add a model file to the catalogue',
        fullDescription: `Add a model file to the catalogue. The file stays where it is.

Example:
  drover models register qwen ~/models/qwen2.5-0.5b-q4_k_m.gguf`,
      },
    }),
    import: buildCommand({
      loader: async () => (await import('../commands/models/models-files.ts')).importFile,
      parameters: {
        flags: {
          name: valueFlag(text, 'Id for the catalogue; absent: the name of the file', 'ID'),
          tier: tierFlag,
          json: jsonFlag,
        },
        positional: oneArgument('A .gguf file', 'FILE'),
      },
      docs: {
        brief: 'Copy a model file into the folder of models',
        fullDescription: `Copy a model file into the folder of models and register the copy, with its SHA-256.

Example:
  drover models import /media/stick/qwen.gguf --name qwen`,
      },
    }),
    copy: buildCommand({
      loader: async () => (await import('../commands/models/models-copy.ts')).copy,
      parameters: {
        flags: { force: switchFlag('In the place of another model of that id'), json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Id in the catalogue', placeholder: 'ID', parse: text },
            { brief: 'A context or an address, as for -H', placeholder: 'HOST', parse: text },
          ],
        },
      },
      docs: {
        brief: 'Copy a model to another Drover',
        fullDescription: `Copy a model, all of its files, to the Drover at HOST, and register it there under the same id. The bytes go
through this command: the two need not reach each other. Cut off or ended with Ctrl-C (exit 130), the same command goes
on where it stopped. What HOST has already is not sent again; another model of that id there is an error (exit 5)
unless --force is given. Off a terminal, and with --json, each change is a line of JSON.

Examples:
  drover models copy qwen-0.5b rig
  drover models copy qwen-0.5b ssh://ann@rig
  drover -H rig models copy qwen-0.5b local`,
      },
    }),
    ...poolCommands,
    unregister: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).unregister,
      parameters: { flags: {}, positional: oneId },
      docs: { brief: 'Retire a model: nothing uses it, and its files stay' },
    }),
    rm: buildCommand({
      loader: async () => (await import('../commands/models/models.ts')).rm,
      parameters: { flags: {}, positional: oneId },
      docs: { brief: 'Take a model out of the catalogue, with its files where they lie in the folder of models' },
    }),
    verify: buildCommand({
      loader: async () => (await import('../commands/models/models-files.ts')).verify,
      parameters: { flags: { all: switchFlag('Every model with files'), json: jsonFlag }, positional: someIds },
      docs: {
        brief: 'Read every byte of models and compare it with what is known; exit 1 when one is not what it was',
        fullDescription: `Read every byte of models and compare size and SHA-256 with what is known. A model that is not what it was
is failed from then on; one that is again is ready. Exit 1 when one is not.

Example:
  drover models verify --all`,
      },
    }),
    du: buildCommand({
      loader: async () => (await import('../commands/models/models-files.ts')).du,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'Tell what lies in the folder of models' },
    }),
    prune: buildCommand({
      loader: async () => (await import('../commands/models/models-files.ts')).prune,
      parameters: { flags: { dryRun: switchFlag('Only tell what would go'), json: jsonFlag } },
      docs: {
        brief: 'Remove files that nobody needs',
        fullDescription: `Remove the files of the folder of models that belong to no model, to a retired one, or to a download that ended.

Example:
  drover models prune --dry-run`,
      },
    }),
    test: buildCommand({
      loader: async () => (await import('../commands/models/models-test.ts')).test,
      parameters: {
        flags: {
          all: switchFlag('Every model that is ready'),
          backend: valueFlag(text, 'cpu, cuda, vulkan, rocm or metal; absent: the first card, else the CPU', 'NAME'),
          page: valueFlag(text, 'Write the results as a page of Markdown, too', 'FILE'),
          json: jsonFlag,
        },
        positional: someIds,
      },
      docs: {
        brief: 'Load models one after the other and ask each a fixed prompt; exit 1 when one fails',
        fullDescription: `Load models one after the other, ask each a fixed prompt, and take it down again. Exit 1 when one fails.

Example:
  drover models test --all --backend cpu --page models.md`,
      },
    }),
  },
  docs: { brief: 'Download models, and keep the catalogue of them' },
});
