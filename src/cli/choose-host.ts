/** Which controller a command talks to: what was asked for, by address or by name, else the context in use. */

import { existsSync, readFileSync } from 'node:fs';

import { parseEndpoint } from '../client/index.ts';
import type { Endpoint } from '../client/index.ts';
import type { Contexts } from '../config/contexts.ts';
import { LOCAL } from '../config/paths.ts';
import type { HomePaths } from '../config/paths.ts';
import { AppError } from '../contract/errors.ts';
import type { Environment } from './context.ts';
import type { HostFlag } from './host-flag.ts';

export interface ChosenHost {
  /** Null: the socket of the home. */
  readonly endpoint: Endpoint | null;
  readonly key: string | undefined;
}

/** `-H` counts before DROVER_HOST, that before `drover context use`. */
export async function chooseHost(flag: HostFlag, env: Environment, paths: HomePaths): Promise<ChosenHost> {
  const contexts = await contextsOf(paths);
  const asked = flag.host ?? (env['DROVER_HOST'] || contexts.current) ?? LOCAL;
  const key = env['DROVER_API_KEY'] || undefined;
  if (asked === LOCAL) return { endpoint: null, key };
  const found = contexts.named.find(({ name }) => name === asked);
  if (found) return { endpoint: parseEndpoint(found.host), key: key ?? readKey(found.keyFile) };
  if (flag.bare === 'ssh' && isHost(asked)) return { endpoint: parseEndpoint(`ssh://${asked}`), key };
  if (!isBare(asked)) return { endpoint: parseEndpoint(asked), key };
  throw new AppError('NOT_FOUND', `there is no context "${asked}"`, {
    hint: `write http://${asked}:PORT or ssh://${asked}, or see "drover context ls"`,
  });
}

/** A second one beside that of the command: its own key counts before that of the environment, which is the first one's. */
export async function chooseOther(host: string, env: Environment, paths: HomePaths): Promise<ChosenHost> {
  const own = await chooseHost({ host, bare: 'refused', rest: [] }, { ...env, DROVER_API_KEY: undefined }, paths);
  return { ...own, key: own.key ?? (env['DROVER_API_KEY'] || undefined) };
}

/** Without a file nothing is loaded that reads one: commands start faster. */
async function contextsOf({ contextsFile }: HomePaths): Promise<Contexts> {
  if (!existsSync(contextsFile)) return { current: null, named: [] };
  const { loadContexts } = await import('../config/contexts.ts');
  return loadContexts(contextsFile);
}

/** With or without a user; a word with a port is a front door, one with a slash a path or has a scheme. */
function isHost(text: string): boolean {
  return !/[/:]/.test(text);
}

/** A word without port, path, domain or scheme: no address. */
function isBare(text: string): boolean {
  return /^(?:[^/.:\s]+@)?[A-Za-z0-9_-]+$/.test(text);
}

function readKey(file: string | null): string | undefined {
  if (file === null) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `the key file ${file} cannot be read`, {
      cause,
      hint: 'put the key there, or run "drover context add" again',
    });
  }
}
