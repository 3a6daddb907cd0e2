/** Has the agent of a host fetch the files of a model, asking again for as long as that agent is away. */

import { AppError, fetchedFilesSchema } from '../../contract/index.ts';
import type { FetchedFiles } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { hubIsForbidden } from '../../models/hub/index.ts';
import type { ModelDownload } from '../../store/index.ts';
import type { Hosts } from '../hosts/hosts.ts';

export interface AgentFetch {
  /** Rejects with OFFLINE, with the agent's reason why they did not come, or when the signal aborts. */
  files(download: ModelDownload, token: string | null, signal: AbortSignal): Promise<FetchedFiles>;
  /** The agent ends the fetch, and removes what has come. */
  drop(download: ModelDownload): Promise<void>;
}

export interface AgentFetchDeps {
  readonly hosts: () => Pick<Hosts, 'call'>;
  readonly isOffline: () => boolean;
  readonly clock: Clock;
}

/** Calls wait no longer; a fetch that takes more is asked for again and goes on. */
const FETCH_TIMEOUT_MS = 7 * 86_400_000;
const AGAIN_MS = 2_000;
const DROP_TIMEOUT_MS = 60_000;

export function createAgentFetch({ hosts, isOffline, clock }: AgentFetchDeps): AgentFetch {
  return {
    async files({ host, order }, token, signal) {
      const call = { op: 'fetch-model' as const, order, token };
      for (;;) {
        if (isOffline()) throw hubIsForbidden();
        try {
          return fetchedFilesSchema.parse(await hosts().call(host, call, { timeoutMs: FETCH_TIMEOUT_MS, signal }));
        } catch (error) {
          signal.throwIfAborted();
          if (!isForNow(error)) throw error;
          await clock.sleep(AGAIN_MS, signal);
        }
      }
    },
    async drop({ host, model }) {
      await hosts().call(host, { op: 'drop-fetch', model }, { timeoutMs: DROP_TIMEOUT_MS });
    },
  };
}

/** The agent is away, or ended: it comes back. */
function isForNow(error: unknown): boolean {
  return error instanceof AppError && ['AGENT_UNAVAILABLE', 'TIMEOUT', 'ABORTED'].includes(error.code);
}
