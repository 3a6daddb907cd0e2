/** Where a remote engine is reached and with which key. Pure. */

import { AppError } from '../../contract/errors.ts';
import type { InstanceSpec } from '../../contract/index.ts';
import { assertMayCall } from '../../kernel/index.ts';
import type { RemoteEndpoint } from '../engine.ts';

/** Throws CONFIG_INVALID when there is no address, or the key's variable is not set; OFFLINE when it may not be called. */
export function endpoint(
  spec: InstanceSpec,
  environment: Readonly<Record<string, string | undefined>>,
): RemoteEndpoint {
  const { url } = spec.engine;
  if (url === undefined) {
    throw new AppError('CONFIG_INVALID', `engine.url: ${spec.name} names no address`, {
      hint: 'add "engine": {"kind": "remote", "url": "http://HOST:PORT"}',
    });
  }
  assertMayCall(url, environment['DROVER_OFFLINE'] === '1');
  return { url: baseUrl(url), key: keyOf(spec, environment) };
}

/** The address under which both `/health` and `/v1/…` lie: people give it with or without `/v1`. */
function baseUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
}

/** The config's `env` counts over the daemon's environment, as it does for a program. */
function keyOf({ name, server, engine, env }: InstanceSpec, environment: RemoteEnvironment): string | null {
  if (engine.keyEnv === undefined) return server.key;
  const key = { ...environment, ...env }[engine.keyEnv];
  if (key !== undefined && key !== '') return key;
  throw new AppError('CONFIG_INVALID', `engine.key_env: the daemon of ${name} has no variable ${engine.keyEnv}`, {
    hint: `set ${engine.keyEnv} and run "drover daemon restart", or write it into "env"`,
  });
}

type RemoteEnvironment = Readonly<Record<string, string | undefined>>;
