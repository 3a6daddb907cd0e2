/** The part of the client that is about pools: all instances of a model as one. */

import type { PoolView } from '../../contract/pools.ts';
import type { Calls } from './calls.ts';

export interface PoolWait {
  readonly timeoutMs?: number | undefined;
}

export interface PoolClient {
  poolHealth(model: string): Promise<PoolView>;
  /** Resolves when no request is in flight. */
  drainPool(model: string, wait?: PoolWait): Promise<PoolView>;
  /** Resolves when every instance is ready anew. */
  reloadPool(model: string, wait?: PoolWait): Promise<PoolView>;
  purgePool(model: string): Promise<PoolView>;
}

export function createPoolClient({ call }: Calls): PoolClient {
  const path = (model: string, verb: string): string => `/v2/pools/${encodeURIComponent(model)}/${verb}`;
  const body = ({ timeoutMs }: PoolWait): object => (timeoutMs === undefined ? {} : { timeout_ms: timeoutMs });
  return {
    poolHealth: (model) => call('GET', path(model, 'health')),
    drainPool: (model, wait = {}) => call('POST', path(model, 'drain'), body(wait)),
    reloadPool: (model, wait = {}) => call('POST', path(model, 'reload'), body(wait)),
    purgePool: (model) => call('POST', path(model, 'purge')),
  };
}
