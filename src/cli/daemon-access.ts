/** The clients of a command: one that may start the daemon of this home, and one that starts nothing. */

import { createClient } from '../client/index.ts';
import type { Client, Endpoint } from '../client/index.ts';
import type { HomePaths } from '../config/paths.ts';
import { AppError } from '../contract/errors.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Environment } from './context.ts';
import type { Output } from './output.ts';

export interface AccessOptions {
  readonly paths: HomePaths;
  readonly env: Environment;
  readonly clock: Clock;
  readonly err: Output;
  readonly signal: AbortSignal;
  /** Given by `-H` or `DROVER_HOST`; null: the socket of the home. */
  readonly host: Endpoint | null;
}

export function createClients(options: AccessOptions): { readonly client: Client; readonly quietClient: Client } {
  const { host, paths, signal, clock } = options;
  const base = {
    endpoint: host ?? ({ kind: 'socket', path: paths.socket } as const),
    key: options.env['DROVER_API_KEY'] || undefined,
    signal,
    wait: (ms: number, wake?: AbortSignal) => clock.sleep(ms, wake ?? signal),
  };
  const quietClient = createClient(base);
  if (host !== null) return { client: quietClient, quietClient };
  return {
    client: createClient({ ...base, recover: (error) => startDaemon(options, quietClient, error) }),
    quietClient,
  };
}

/** Says so on stderr; what stands in the way is the error that the command ends with. */
async function startDaemon(options: AccessOptions, client: Client, unreachable: AppError): Promise<void> {
  const { paths, env, clock, err, signal } = options;
  if (!(await mayStart(options))) {
    throw new AppError('DAEMON_UNREACHABLE', `${unreachable.message}, and starting it is switched off`, {
      cause: unreachable,
      hint: 'run "drover daemon start", or unset DROVER_AUTOSTART',
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
