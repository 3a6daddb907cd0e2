/**
 * The downloads of models: what shall come to which host, and what came of it. A download is a row until it ends, so that
 * it goes on after a restart of the controller; the bytes are the agent's business, which goes on without one.
 */

import { AppError, asAppError, fetchedFilesSchema, subject } from '../../contract/index.ts';
import type { DownloadView, FetchedFiles, FetchProgress, PullRequest, PullView } from '../../contract/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { isoTime } from '../../kernel/index.ts';
import { baseName, fileNameOf } from '../../models/hub/index.ts';
import type { HubModel, HubReference } from '../../models/hub/index.ts';
import { addModelDownload, listModelDownloads, registerModel, removeModelDownload } from '../../store/index.ts';
import type { ModelDownload, Store, Tx } from '../../store/index.ts';
import { createDownloadProgress } from './download-progress.ts';
import type { Hosts } from '../hosts/hosts.ts';
import { readyModel, recordReady, recordRemoved, unknownModel } from './model-registry.ts';
import type { ModelRegistry } from './model-registry.ts';
import { assertSame, comingModel, wishOf } from './pull-wish.ts';
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

interface Job {
  readonly download: ModelDownload;
  readonly tier: number | null;
  readonly ended: Promise<void>;
}

/** Calls wait no longer; a fetch that takes more is asked for again and goes on. */
const FETCH_TIMEOUT_MS = 7 * 86_400_000;
const AGAIN_MS = 2_000;
const DROP_TIMEOUT_MS = 60_000;

export function createModelDownloads(deps: ModelDownloadsDeps): ModelDownloads {
  const { store, models, clock, log, signal } = deps;
  const jobs = new Map<string, Job>();
  const asked = new Map<string, Promise<PullView>>();
  const progress = createDownloadProgress(store);

  async function begin(wish: Wish): Promise<PullView> {
    const found = await deps.find(wish.reference, wish.token, signal);
    const download = await startDownload(wish, found);
    run(download, wish.tier, wish.token);
    return { kind: 'started', model: await models.get(wish.id), download: viewOf(download) };
  }

  async function startDownload(wish: Wish, found: HubModel): Promise<ModelDownload> {
    const host = deps.hosts().localHost;
    const files = found.files.map((file) => ({ ...file, name: fileNameOf(file.path) }));
    const order = {
      model: wish.id,
      files: files.map(({ url, name, sizeBytes, sha256 }) => ({ url, name, sizeBytes, sha256 })),
    };
    let stored: ModelDownload | null = null;
    await models.write(wish.id, async (tx) => {
      stored = await addModelDownload(tx, {
        model: wish.id,
        reference: wish.source,
        revision: found.revision,
        host,
        order,
      });
      const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const data = { reference: wish.source, revision: found.revision, host, size_bytes: sizeBytes };
      tx.record({ type: 'model.download_started', subject: subject.model(wish.id), data });
      return registerModel(tx, comingModel(wish, { sizeBytes, quantisation: found.quantisation }));
    });
    if (stored === null) throw new AppError('INTERNAL', 'a download was not stored');
    return stored;
  }

  function run(download: ModelDownload, tier: number | null, token: string | null): void {
    const lost = (error: unknown): void => log.error({ err: error, model: download.model }, 'its end was not stored');
    const ended = follow(download, tier, token)
      .catch(lost)
      .finally(() => {
        if (isCurrent(download)) jobs.delete(download.model);
        progress.forget(download.model);
      });
    jobs.set(download.model, { download, tier, ended });
  }

  async function follow(download: ModelDownload, tier: number | null, token: string | null): Promise<void> {
    try {
      const files = await fetched(download, token);
      if (files !== null) await finish(download, tier, files);
    } catch (error) {
      if (!signal.aborted) await fail(download, asAppError(error));
    }
  }

  function isCurrent(download: ModelDownload): boolean {
    return jobs.get(download.model)?.download === download;
  }

  /** Null when it was cancelled. An agent that is away is waited for. */
  async function fetched(download: ModelDownload, token: string | null): Promise<FetchedFiles | null> {
    const call = { op: 'fetch-model' as const, order: download.order, token };
    for (;;) {
      if (deps.isOffline()) throw offline();
      try {
        const value = await deps.hosts().call(download.host, call, { timeoutMs: FETCH_TIMEOUT_MS, signal });
        return isCurrent(download) ? fetchedFilesSchema.parse(value) : null;
      } catch (error) {
        signal.throwIfAborted();
        if (!isCurrent(download)) return null;
        if (!isForNow(error)) throw error;
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  async function finish(download: ModelDownload, tier: number | null, fetchedFiles: FetchedFiles): Promise<void> {
    const { model: id, reference, host } = download;
    const files = fetchedFiles.map(({ path, sizeBytes, sha256 }) => ({
      path,
      size_bytes: sizeBytes,
      sha256,
      role: isProjector(path) ? ('projector' as const) : ('weights' as const),
    }));
    const ready = await readyModel({ id, path: files[0]?.path ?? '', source: reference, files }, host);
    await end(download, async (tx) => {
      const data = { host, size_bytes: ready.sizeBytes, ms: tx.now - download.startedAt };
      tx.record({ type: 'model.downloaded', subject: subject.model(id), data });
      return recordReady(tx, { ...ready, tier });
    });
    log.info({ model: id, host, bytes: ready.sizeBytes }, 'model downloaded');
  }

  async function fail(download: ModelDownload, error: AppError): Promise<void> {
    const { model: id } = download;
    log.warn({ model: id, code: error.code, reason: error.message }, 'model not downloaded');
    await end(download, async (tx) => {
      const { registeredAt: _, ...known } = models.record(id);
      const data = { code: error.code, reason: error.message, hint: error.hint ?? null };
      tx.record({ type: 'model.download_failed', subject: subject.model(id), data });
      return registerModel(tx, { ...known, state: 'failed', reason: error.message });
    });
  }

  /** Whoever removes the row says what becomes of the model. */
  async function end(download: ModelDownload, change: (tx: Tx) => Promise<ReturnType<ModelRegistry['record']>>) {
    await models.write(download.model, async (tx) =>
      (await removeModelDownload(tx, download.model)) ? change(tx) : (models.all().get(download.model) ?? null),
    );
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
      if (deps.isOffline()) throw offline();
      const begun = asked.get(wish.id) ?? begin(wish).finally(() => asked.delete(wish.id));
      asked.set(wish.id, begun);
      return begun;
    },
    list: () => [...jobs.values()].map(({ download }) => viewOf(download)),
    async cancel(model) {
      const { download } = jobOf(model);
      jobs.delete(model);
      await models.write(model, async (tx) => {
        await removeModelDownload(tx, model);
        tx.record({ type: 'model.download_cancelled', subject: subject.model(model), data: {} });
        return recordRemoved(tx, model);
      });
      await deps.hosts().call(download.host, { op: 'drop-fetch', model }, { timeoutMs: DROP_TIMEOUT_MS });
    },
    settled: async (model) => jobs.get(model)?.ended,
    onProgress: (told) => {
      if (jobs.has(told.model)) progress.told(told);
    },
    async resume() {
      for (const download of await store.read(listModelDownloads)) {
        run(download, models.all().get(download.model)?.tier ?? null, null);
      }
    },
  };
}

function isProjector(path: string): boolean {
  return baseName(path).toLowerCase().includes('mmproj');
}

/** The agent is away, or ended: it comes back. */
function isForNow(error: unknown): boolean {
  return error instanceof AppError && ['AGENT_UNAVAILABLE', 'TIMEOUT', 'ABORTED'].includes(error.code);
}

function offline(): AppError {
  return new AppError('OFFLINE', 'the setting "offline" is on, and the hub is another machine', {
    hint: 'run "drover config set offline false", or bring the file and run "drover models import FILE"',
  });
}
