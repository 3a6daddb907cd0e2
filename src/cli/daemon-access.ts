/** The clients of a command: one that may start the daemon of this home, and one that starts nothing. */

import { createClient } from '../client/index.ts';
import type { Client } from '../client/index.ts';
import type { HomePaths } from '../config/paths.ts';
import { AppError } from '../contract/errors.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ChosenHost } from './choose-host.ts';
import type { Environment } from './context.ts';
import type { Output } from './output.ts';

interface AccessOptions {
  readonly paths: HomePaths;
  readonly env: Environment;
  readonly clock: Clock;
  readonly err: Output;
  readonly signal: AbortSignal;
  readonly host: ChosenHost;
}

export function createClients(options: AccessOptions): { readonly client: Client; readonly quietClient: Client } {
  const { host, paths, signal, clock } = options;
  const base = {
    endpoint: host.endpoint ?? ({ kind: 'socket', path: paths.socket } as const),
    key: host.key,
    signal,
  };
  const wait = (ms: number, wake?: AbortSignal): Promise<void> => clock.sleep(ms, wake ?? signal);
  if (host.endpoint !== null) {
    const client = createClient({ ...base, wait });
    return { client, quietClient: client };
  }
  // It says how things are this moment, and so waits for nobody.
  const quietClient = createClient(base);
  const recover = (error: AppError): Promise<void> => startDaemon(options, quietClient, error);
  return { client: createClient({ ...base, wait, recover }), quietClient };
}

/** Says so on stderr; what stands in the way is the error that the command ends with. */
async function startDaemon(options: AccessOptions, client: Client, unreachable: AppError): Promise<void> {
  const { paths, env, clock, err, signal } = options;
  if (!(await mayStart(options))) {
    throw new AppError('DAEMON_UNREACHABLE', `${unreachable.message}, and starting it is switched off`, {
      cause: unreachable,
      hint: 'run "drover daemon start", or unset DROVER_AUTOSTART',
      ...(unreachable.detail === undefined ? {} : { detail: unreachable.detail }),
    });
  }
  err.line('starting the drover daemon …');
  const { startController } = await import('../daemon/lifecycle.ts');
  const { status } = await startController({ paths, env, clock, client, signal });
  err.line(`drover daemon started (pid ${status.controller.pid}), front door ${status.url}`);
}

async function mayStart({ paths, env }: AccessOptions): Promise<boolean> {
  const { loadSettings } = await import('../config/index.ts');
  const loaded = loadSettings({ home: paths.home, env });
  return loaded.kind === 'invalid' || loaded.settings.autostart;
}
