/**
 * The files of models that come to this host: one fetch for a model, however often it is ordered. A fetch ends with its
 * agent; what it has brought stays, and the controller orders it again.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { AppError } from '../contract/index.ts';
import type { FetchedFiles, FetchOrder, FetchProgress } from '../contract/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { FetchModelDeps } from '../models/hub/index.ts';

export interface Fetches extends AsyncDisposable {
  /** Resolves when all files lie there, verified. Rejects with the reason why they do not, or ABORTED when it was dropped. */
  fetch(order: FetchOrder, token: string | null): Promise<FetchedFiles>;
  /** Ends the fetch of a model, if there is one, and removes what was fetched of it. */
  drop(model: string): Promise<void>;
}

interface FetchesDeps {
  /** Each model has a folder below it. */
  readonly folder: string;
  readonly fetchModel: (order: FetchOrder, folder: string, deps: FetchModelDeps) => Promise<FetchedFiles>;
  /** Of the environment, where the order brings none. */
  readonly ownToken: () => string | null;
  readonly tell: (progress: FetchProgress) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly isOffline: () => boolean;
  readonly log: Log;
}

interface Running {
  readonly stop: AbortController;
  readonly files: Promise<FetchedFiles>;
}

export function createFetches(deps: FetchesDeps): Fetches {
  const { clock, random, isOffline, log, tell } = deps;
  const running = new Map<string, Running>();

  function begin(order: FetchOrder, token: string | null): Running {
    const stop = new AbortController();
    const files = deps
      .fetchModel(order, join(deps.folder, order.model), {
        clock,
        random,
        isOffline,
        token: token ?? deps.ownToken(),
        signal: stop.signal,
        onProgress: tell,
      })
      .finally(() => running.delete(order.model));
    log.info({ model: order.model, files: order.files.length }, 'fetch begins');
    files.then(
      () => log.info({ model: order.model }, 'fetch ended'),
      (error: unknown) => log.warn({ model: order.model, err: error }, 'fetch ended without its files'),
    );
    return { stop, files };
  }

  async function end({ stop, files }: Running, why: string): Promise<void> {
    stop.abort(new AppError('ABORTED', why));
    await files.catch(() => {}); // whoever ordered it is told
  }

  return {
    fetch(order, token) {
      const known = running.get(order.model) ?? begin(order, token);
      running.set(order.model, known);
      return known.files;
    },
    async drop(model) {
      const known = running.get(model);
      if (known !== undefined) await end(known, `the download of ${model} was cancelled`);
      await rm(join(deps.folder, model), { recursive: true, force: true });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map((each) => end(each, 'the agent ends')));
    },
  };
}
