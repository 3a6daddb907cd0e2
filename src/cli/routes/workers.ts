/** Routes of the commands on workers: flags and help. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { count, jsonFlag, oneArgument, oneOfWords, portNumber, switchFlag, text, valueFlag } from '../flags.ts';
import { logFlags } from './instances.ts';

const oneId = oneArgument('Id of the worker, as "drover worker list" shows it', 'ID');
const stopFlags = { force: switchFlag('Do not wait for requests in flight'), json: jsonFlag };

export const worker = buildRouteMap({
  routes: {
    spawn: buildCommand({
      loader: async () => (await import('../commands/instances/worker.ts')).spawn,
      parameters: {
        flags: {
          model: { kind: 'parsed', parse: text, brief: 'Id in the catalogue', placeholder: 'ID' },
          device: valueFlag(text, 'Which card of the backend, from 0, or its id; absent: where there is room', 'N'),
          port: valueFlag(portNumber, 'Absent: the next free one', 'N'),
          parallel: valueFlag(count, 'Requests at a time; absent: one', 'N'),
          json: jsonFlag,
        },
        aliases: { m: 'model' },
        positional: {
          kind: 'tuple',
          parameters: [
            {
              brief: 'cpu, cuda, vulkan, metal or rocm',
              placeholder: 'BACKEND',
              parse: oneOfWords('cpu', 'cuda', 'vulkan', 'metal', 'rocm'),
            },
          ],
        },
      },
      docs: {
        brief: 'Start a worker, an instance without a config, and wait until it is ready',
        fullDescription: `Start a worker and wait until it is ready: an instance without a config, named after its model. It is
supervised as others are, survives both daemons, and is gone when it is stopped or the machine restarts. One that does not come
up leaves nothing. Ctrl-C only leaves it (exit 130).

Examples:
  drover worker spawn cpu --model demo
  drover worker spawn cuda --model qwen-0.5b --device 1 --parallel 4 --port 9001

Exit codes: 0 ready, 3 unknown model or device, 4 model file or engine missing, 5 port taken, 7 timeout, 8 failed to start.`,
      },
    }),
    list: buildCommand({
      loader: async () => (await import('../commands/instances/worker.ts')).list,
      parameters: { flags: { json: jsonFlag } },
      docs: {
        brief: 'List workers, and what requests have caused to be loaded',
        fullDescription: `List instances without a config: spawned workers, and those that requests have caused.

Example:
  drover worker list --json | jq -r '.[].name'`,
      },
    }),
    stop: buildCommand({
      loader: async () => (await import('../commands/instances/worker.ts')).stop,
      parameters: { flags: stopFlags, positional: oneId },
      docs: {
        brief: 'Stop a worker and wait until nothing of it is left',
        fullDescription: `Stop a worker and wait until nothing of it is left. What is in flight ends first.

Examples:
  drover worker stop demo
  drover worker stop demo --force`,
      },
    }),
    stopAll: buildCommand({
      loader: async () => (await import('../commands/instances/worker.ts')).stopAll,
      parameters: { flags: stopFlags },
      docs: {
        brief: 'Stop every worker',
        fullDescription: `Stop every worker and wait until nothing of them is left. Instances with a config stay.

Example:
  drover worker stop-all`,
      },
    }),
    logs: buildCommand({
      loader: async () => (await import('../commands/instances/worker.ts')).logs,
      parameters: { ...logFlags, positional: oneId },
      docs: {
        brief: 'Print what a worker has written',
        fullDescription: `Print what a worker has written.

Example:
  drover worker logs demo --both -f`,
      },
    }),
    run: buildCommand({
      loader: async () => (await import('../commands/instances/worker-run.ts')).run,
      parameters: {
        flags: {},
        positional: {
          kind: 'array',
          parameter: { brief: 'Flags of the engine worker', placeholder: '--model FILE --port N', parse: text },
        },
      },
      docs: {
        brief: 'Run the embedded engine in the foreground',
        fullDescription: `Run the embedded engine in the foreground, without supervision.

Example:
  drover worker run --model demo.gguf --port 8001`,
      },
    }),
  },
  docs: { brief: 'Start, list and stop workers: instances without a config' },
});
