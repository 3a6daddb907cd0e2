/**
 * The downloads of models: what shall come to which host, and what came of it. A download is a row until it ends, so that
 * it goes on after a restart of the controller; the bytes are the agent's business, which goes on without one.
 */

import { AppError, asAppError } from '../../contract/index.ts';
import type { DownloadView, FetchProgress, PullRequest, PullView } from '../../contract/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { isoTime } from '../../kernel/index.ts';
import { hubIsForbidden } from '../../models/hub/index.ts';
import type { HubModel, HubReference } from '../../models/hub/index.ts';
import { listModelDownloads } from '../../store/index.ts';
import type { ModelDownload, Store } from '../../store/index.ts';
import type { Hosts } from '../hosts/hosts.ts';
import { createAgentFetch } from './agent-fetch.ts';
import { createDownloadProgress } from './download-progress.ts';
import { createDownloadRecord } from './download-record.ts';
import { unknownModel } from './model-registry.ts';
import type { ModelRegistry } from './model-registry.ts';
import { assertSame, wishOf } from './pull-wish.ts';
import type { Wish } from './pull-wish.ts';

export interface ModelDownloads {
  /**
   * Resolves when the download is stored and begun. Rejects with INVALID_REQUEST, OFFLINE, MODEL_EXISTS, or what the hub
   * says: MODEL_NOT_FOUND, MODEL_GATED, DOWNLOAD_FAILED.
   */
  pull(request: PullRequest): Promise<PullView>;
  list(): readonly DownloadView[];
  /** Nothing is left of it. Throws MODEL_NOT_FOUND when nothing of it is downloaded now. */
  cancel(model: string): Promise<void>;
  /** Resolves when no download of the model goes on, whatever came of it. */
  settled(model: string): Promise<void>;
  onProgress(progress: FetchProgress): void;
  /** Takes up what an earlier controller has begun. */
  resume(): Promise<void>;
}

interface ModelDownloadsDeps {
  readonly store: Store;
  readonly models: ModelRegistry;
  readonly hosts: () => Pick<Hosts, 'call' | 'localHost'>;
  readonly find: (reference: HubReference, token: string | null, signal: AbortSignal) => Promise<HubModel>;
  readonly isOffline: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the controller goes down: agents go on without it. */
  readonly signal: AbortSignal;
}

/** What a download needs beside its row; a controller that takes it up has no token of a command. */
interface Errand {
  readonly tier: number | null;
  readonly token: string | null;
}

interface Job {
  readonly download: ModelDownload;
  readonly cancelled: AbortController;
  /** Resolves whatever came of it. */
  readonly ended: Promise<void>;
}

export function createModelDownloads(deps: ModelDownloadsDeps): ModelDownloads {
  const { store, models, log } = deps;
  const jobs = new Map<string, Job>();
  const asked = new Map<string, Promise<PullView>>();
  const progress = createDownloadProgress(store, (error) =>
    log.error({ err: error }, 'how far a download is was not stored'),
  );
  const record = createDownloadRecord(models);
  const agent = createAgentFetch(deps);

  async function begin(wish: Wish): Promise<PullView> {
    const found = await deps.find(wish.reference, wish.token, deps.signal);
    const download = await record.started(wish, found, deps.hosts().localHost);
    run(download, wish);
    return { kind: 'started', model: await models.get(wish.id), download: viewOf(download) };
  }

  function run(download: ModelDownload, errand: Errand): void {
    const { model } = download;
    const cancelled = new AbortController();
    const ended = follow(download, errand, AbortSignal.any([deps.signal, cancelled.signal]))
      .catch((error: unknown) => log.error({ err: error, model }, 'its end was not stored'))
      .finally(() => {
        if (jobs.get(model)?.download !== download) return;
        jobs.delete(model);
        progress.forget(model);
      });
    jobs.set(model, { download, cancelled, ended });
  }

  async function follow(download: ModelDownload, { tier, token }: Errand, signal: AbortSignal): Promise<void> {
    const { model, host } = download;
    try {
      const files = await agent.files(download, token, signal);
      const bytes = await record.finished(download, files, tier);
      log.info({ model, host, bytes }, 'model downloaded');
    } catch (thrown) {
      if (signal.aborted) return;
      const error = asAppError(thrown);
      await record.failed(download, error);
      log.warn({ model, code: error.code, reason: error.message }, 'model not downloaded');
    }
  }

  function jobOf(model: string): Job {
    const job = jobs.get(model);
    if (job !== undefined) return job;
    if (!models.all().has(model)) throw unknownModel(model, models.all().keys());
    throw new AppError('MODEL_NOT_FOUND', `nothing of ${model} is downloaded now`, { hint: 'run "drover models ls"' });
  }

  function viewOf(download: ModelDownload): DownloadView {
    const { model, reference, revision, host, order, startedAt } = download;
    const totalBytes = order.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { model, reference, revision, host, ...progress.of(model, totalBytes), started_at: isoTime(startedAt) };
  }

  return {
    async pull(request) {
      const wish = wishOf(request);
      const known = models.all().has(wish.id) ? await models.get(wish.id) : null;
      if (known !== null) assertSame(wish, known);
      const job = jobs.get(wish.id);
      if (known !== null && job !== undefined) return { kind: 'running', model: known, download: viewOf(job.download) };
      if (known?.state === 'ready') return { kind: 'present', model: known, download: null };
      if (deps.isOffline()) throw hubIsForbidden();
      const begun = asked.get(wish.id) ?? begin(wish).finally(() => asked.delete(wish.id));
      asked.set(wish.id, begun);
      return begun;
    },
    list: () => [...jobs.values()].map(({ download }) => viewOf(download)),
    async cancel(model) {
      const { download, cancelled } = jobOf(model);
      jobs.delete(model);
      progress.forget(model);
      cancelled.abort();
      await record.cancelled(model);
      await agent.drop(download);
    },
    settled: async (model) => jobs.get(model)?.ended,
    onProgress: (told) => {
      if (jobs.has(told.model)) progress.told(told);
    },
    async resume() {
      for (const download of await store.read(listModelDownloads)) {
        run(download, { tier: models.all().get(download.model)?.tier ?? null, token: null });
      }
    },
  };
}
