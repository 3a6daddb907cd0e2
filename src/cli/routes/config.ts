/** Routes of `drover config`: the configs of instances and the settings of the daemon. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { jsonFlag, oneArgument, switchFlag, text } from '../flags.ts';

const target = oneArgument('Path of a config.json, or name of an instance', 'PATH|NAME');

const settingKey = { brief: 'Key in config.json, such as port', placeholder: 'KEY', parse: text } as const;

export const config = buildRouteMap({
  routes: {
    validate: buildCommand({
      loader: async () => (await import('../commands/daemon/config.ts')).validate,
      parameters: { flags: { json: jsonFlag }, positional: target },
      docs: {
        brief: 'Check one config: exit 0 valid, 1 invalid',
        fullDescription: `Check one config of an instance. Needs no daemon. Exit 0 valid, 1 invalid.

Examples:
  drover config validate chat
  drover config validate ./config.json --json`,
      },
    }),
    schema: buildCommand({
      loader: async () => (await import('../commands/daemon/config.ts')).schema,
      parameters: {
        positional: {
          kind: 'tuple',
          parameters: [{ parse: text, brief: 'instance or daemon', placeholder: 'file', optional: true }],
        },
      },
      docs: { brief: 'Print the JSON Schema of an instance config, or of the settings of the daemon' },
    }),
    lint: buildCommand({
      loader: async () => (await import('../commands/daemon/config.ts')).lint,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'Check the configs of all instances and the settings' },
    }),
    get: buildCommand({
      loader: async () => (await import('../commands/daemon/config-settings.ts')).get,
      parameters: { flags: { json: jsonFlag }, positional: { kind: 'tuple', parameters: [settingKey] } },
      docs: {
        brief: "Print one of the daemon's settings",
        fullDescription: `Print one of the daemon's settings, as it counts here: environment over config.json over default.

Example:
  drover config get port`,
      },
    }),
    set: buildCommand({
      loader: async () => (await import('../commands/daemon/config-settings.ts')).set,
      parameters: {
        flags: { json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [settingKey, { brief: 'Its new value', placeholder: 'VALUE', parse: text }],
        },
      },
      docs: {
        brief: "Write one of the daemon's settings to config.json",
        fullDescription: `Write one of the daemon's settings to $DROVER_HOME/config.json. Says whether a running daemon needs a restart for it.

Examples:
  drover config set port 8090
  drover config set queue_timeout 2m`,
      },
    }),
    unset: buildCommand({
      loader: async () => (await import('../commands/daemon/config-settings.ts')).unset,
      parameters: { flags: { json: jsonFlag }, positional: { kind: 'tuple', parameters: [settingKey] } },
      docs: {
        brief: "Give one of the daemon's settings its default again",
        fullDescription: `Take one of the daemon's settings out of $DROVER_HOME/config.json: its default counts again. Says whether a running daemon needs a restart for it.

Example:
  drover config unset port`,
      },
    }),
    show: buildCommand({
      loader: async () => (await import('../commands/daemon/config.ts')).show,
      parameters: { flags: { origin: switchFlag('Tell where each value comes from'), json: jsonFlag } },
      docs: {
        brief: "Print the daemon's settings",
        fullDescription: `Print the daemon's settings: flag over environment over config.json over default.

Example:
  drover config show --origin`,
      },
    }),
  },
  docs: { brief: 'Check configs, read and change settings' },
});
