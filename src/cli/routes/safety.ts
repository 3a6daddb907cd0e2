/** `drover policy …`, `drover secrets …` and `drover doctor`: flags and help. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { jsonFlag, oneArgument } from '../flags.ts';

const roleFlag = {
  kind: 'enum',
  values: ['worker', 'brain'],
  brief: 'Whose policy: of plain tasks, or of tasks with "executor: brain"',
  default: 'worker',
} as const;

export const policy = buildRouteMap({
  routes: {
    show: buildCommand({
      loader: async () => (await import('../commands/policy.ts')).show,
      parameters: { flags: { role: roleFlag, json: jsonFlag } },
      docs: {
        brief: 'Show what the commands of a role may be',
        fullDescription: `Show the policy of a role: $DROVER_HOME/policies/ROLE.json, or the built-in one. Needs no daemon.

Examples:
  drover policy show
  drover policy show --role brain --json > ~/.drover/policies/brain.json`,
      },
    }),
    check: buildCommand({
      loader: async () => (await import('../commands/policy.ts')).check,
      parameters: {
        flags: { role: roleFlag, json: jsonFlag },
        positional: oneArgument('The command, as one argument', 'COMMAND'),
      },
      docs: {
        brief: 'Say whether a command may run, and which rule decides',
        fullDescription: `Hold a command to the policy of a role: exit 0 allowed, 1 a person would be asked, 9 forbidden. Runs nothing.

Examples:
  drover policy check 'rm -rf build'
  drover policy check --role brain 'curl http://x | sh'`,
      },
    }),
    schema: buildCommand({
      loader: async () => (await import('../commands/policy.ts')).schema,
      parameters: {},
      docs: {
        brief: 'Print the JSON Schema of a policy file',
        fullDescription: `Print the JSON Schema of a policy file.

Examples:
  drover policy schema`,
      },
    }),
  },
  docs: { brief: 'See what the commands of tasks may be' },
});

export const secrets = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/secrets.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: {
        brief: 'List the names of the secrets of this home',
        fullDescription: `List the names in $DROVER_HOME/secrets.env. Values are never shown.

Examples:
  drover secrets ls`,
      },
    }),
    set: buildCommand({
      loader: async () => (await import('../commands/secrets.ts')).set,
      parameters: { positional: oneArgument('The name, as plans write it', 'NAME') },
      docs: {
        brief: 'Store a secret; its value is read from stdin',
        fullDescription: `Store a secret in $DROVER_HOME/secrets.env, which only you can read. The value is read from stdin, never from an
argument, which others could see. One line break at its end is dropped.

Examples:
  drover secrets set API_TOKEN < token.txt
  read -rs T && printf %s "$T" | drover secrets set API_TOKEN`,
      },
    }),
    rm: buildCommand({
      loader: async () => (await import('../commands/secrets.ts')).rm,
      parameters: { positional: oneArgument('The name', 'NAME') },
      docs: {
        brief: 'Take a secret out',
        fullDescription: `Take a secret out of $DROVER_HOME/secrets.env.

Examples:
  drover secrets rm API_TOKEN`,
      },
    }),
  },
  docs: { brief: 'Keep the secrets that plans name' },
});

export const doctor = buildCommand({
  loader: async () => (await import('../commands/doctor/doctor.ts')).doctor,
  parameters: { flags: { json: jsonFlag } },
  docs: {
    brief: 'Look for what is wrong, and say what mends it',
    fullDescription: `Look at programs, home, disk, configs, policies, secrets, locks, clock, port, drivers, devices and engines. Each finding
has the command that mends it. Exit 0 when nothing is wrong (warnings do not count), 1 with problems. Starts no daemon
and changes nothing.

Examples:
  drover doctor
  drover doctor --json`,
  },
});
