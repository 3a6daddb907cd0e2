/** `drover context …`, `drover pool …`, `drover checkout …` and `drover dial-stdio`: flags and help. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import type { CliContext } from '../context.ts';
import { jsonFlag, oneArgument, text, valueFlag } from '../flags.ts';

const nameArgument = { parse: text, brief: 'Name of the context', placeholder: 'NAME' } as const;

export const context = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/remote/context.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: {
        brief: 'List the controllers with a name; * marks the one in use',
        fullDescription: `List the controllers with a name; * marks the one in use.

Example:
  drover context ls`,
      },
    }),
    add: buildCommand({
      loader: async () => (await import('../commands/remote/context.ts')).add,
      parameters: {
        flags: { keyFile: valueFlag(text, 'A file with the key that requests carry', 'FILE') },
        positional: {
          kind: 'tuple',
          parameters: [nameArgument, { parse: text, brief: 'Its address', placeholder: 'HOST' }],
        },
      },
      docs: {
        brief: 'Give a controller a name',
        fullDescription: `Give a controller a name, for -H NAME and DROVER_HOST. An address is http://HOST:PORT, https://HOST:PORT,
ssh://[USER@]HOST[:PORT][/PATH/OF/drover][?home=DROVER_HOME], or the path of a socket.

Examples:
  drover context add rig ssh://ann@rig
  drover context add lab https://lab:8443 --key-file ~/lab.key`,
      },
    }),
    use: buildCommand({
      loader: async () => (await import('../commands/remote/context.ts')).use,
      parameters: { positional: { kind: 'tuple', parameters: [nameArgument] } },
      docs: {
        brief: 'Talk to this controller when none is asked for',
        fullDescription: `Talk to this controller when neither -H nor DROVER_HOST says another. "local" is this machine.

Examples:
  drover context use rig
  drover context use local`,
      },
    }),
    rm: buildCommand({
      loader: async () => (await import('../commands/remote/context.ts')).rm,
      parameters: { positional: { kind: 'tuple', parameters: [nameArgument] } },
      docs: {
        brief: 'Forget a name',
        fullDescription: `Forget a name. The controller behind it is not touched.

Example:
  drover context rm rig`,
      },
    }),
  },
  docs: { brief: 'Name controllers on other machines' },
});

/** With a verb, the words are those of another command by the time they are read: see `takeHostFlag`. */
export const pool = buildCommand({
  loader: async () => (await import('../commands/remote/pool.ts')).pool,
  parameters: { positional: oneArgument('A context, an address, or a host for ssh', 'HOST') },
  docs: {
    brief: 'Run a command on a machine of the pool, over ssh',
    customUsage: ['HOST COMMAND …', 'HOST git status|pull', 'HOST update'],
    fullDescription: `Run a command on a machine of the pool: "drover pool HOST COMMAND …" is "drover -H ssh://HOST COMMAND …".
Two verbs are about the git checkout that drover runs from there: git status|pull, and update (pull and build).

Examples:
  drover pool rig status
  drover pool ann@rig models ls
  drover pool rig worker spawn cpu --model demo
  drover pool rig git pull
  drover pool rig update`,
  },
});

const checkoutCommand = (verb: 'status' | 'pull' | 'update', brief: string) =>
  buildCommand<Record<never, never>, [], CliContext>({
    loader: async () => (await import('../commands/remote/checkout.ts')).checkout(verb),
    parameters: {},
    docs: { brief, fullDescription: `${brief}.\n\nExample:\n  drover checkout ${verb}` },
  });

export const checkout = buildRouteMap({
  routes: {
    status: checkoutCommand('status', 'Show what git says of the checkout that drover runs from'),
    pull: checkoutCommand('pull', 'Take its newer commits'),
    update: checkoutCommand('update', 'Take its newer commits and build them'),
  },
  docs: { brief: 'See and update the git checkout that drover runs from' },
});

export const dialStdio = buildCommand({
  loader: async () => (await import('../commands/remote/dial-stdio.ts')).dialStdio,
  parameters: {},
  docs: {
    brief: 'Join stdin and stdout to the controller of this machine; what ssh:// runs on the other side',
    fullDescription: `Join stdin and stdout to the socket of this machine's controller, and start it when it is not there. This is what
-H ssh://HOST runs on the other side.

Example:
  printf 'GET /health HTTP/1.1\\r\\nHost: local\\r\\nConnection: close\\r\\n\\r\\n' | drover dial-stdio`,
  },
});
