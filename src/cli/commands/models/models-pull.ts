/** `drover models pull` and `cancel`: a download of the daemon, watched until it ends or the watcher leaves. */

import { AppError, isErrorCode } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import type { FactView } from '../../../contract/facts.ts';
import type { DownloadView, ModelView, PullView } from '../../../contract/models.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { createProgress } from '../../progress.ts';
import { createProgressLine, showReady } from './progress-line.ts';

interface PullFlags {
  readonly name?: string;
  readonly tier?: number;
  readonly noWait: boolean;
  readonly json: boolean;
}

/** On a terminal a bar; otherwise a line of JSON at each change. */
export async function pull(this: CliContext, flags: PullFlags, reference: string): Promise<void> {
  const answer = await begin(this, flags, reference);
  const { id } = answer.model;
  if (answer.kind === 'present') return showReady(this, flags, answer.model, 'is there already');
  if (flags.noWait) {
    if (flags.json) return printJson(this, answer);
    return this.out.line(`${id} is coming; watch it with: drover models pull ${reference}`);
  }
  const model = await watch(this, flags, id);
  if (model !== null) return showReady(this, flags, model, 'is ready');
  this.err.line(`${id} goes on without you; end it with: drover models cancel ${id}`);
  this.end(EXIT.interrupted);
}

/** A hub that does not answer is asked for half a minute: until it has, that is told. */
async function begin({ client, clock, env, err }: CliContext, flags: PullFlags, reference: string): Promise<PullView> {
  const token = env['HF_TOKEN'];
  const { name, tier } = flags;
  using progress = createProgress(err, clock);
  progress.phase(reference, 'asking the hub');
  return await client.pullModel({ reference, name, tier, ...(token ? { token } : {}) });
}

const LOOK_EVERY_MS = 500;

/** The model when it is ready, null when the watcher left. Rejects with why it did not come. */
async function watch(context: CliContext, flags: PullFlags, id: string): Promise<ModelView | null> {
  const { client, clock, signal } = context;
  using line = createProgressLine(context, flags);
  while (!signal.aborted) {
    const download = await downloadOf(context, id);
    if (download === null) break;
    line.show(download);
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {}); // the signal ends the loop
  }
  return signal.aborted ? null : outcomeOf(id, await client.model(id).catch(noneIfGone), await lastWord(context, id));
}

async function downloadOf({ client }: CliContext, id: string): Promise<DownloadView | null> {
  const downloads = await client.downloads();
  return downloads.find(({ model }) => model === id) ?? null;
}

const LAST_WORDS = new Set(['model.downloaded', 'model.download_failed', 'model.download_cancelled']);

/** How the download ended, as a fact. */
async function lastWord({ client }: CliContext, id: string): Promise<FactView | undefined> {
  const facts = await client.facts({ subject: `model:${id}`, last: 20 });
  return facts.findLast(({ type }) => LAST_WORDS.has(type));
}

interface FailedData {
  readonly code: string;
  readonly reason: string;
  readonly hint: string | null;
}

function noneIfGone(error: unknown): null {
  if (error instanceof AppError && error.code === 'MODEL_NOT_FOUND') return null;
  throw error;
}

function outcomeOf(id: string, model: ModelView | null, word: FactView | undefined): ModelView {
  if (model === null || word?.type === 'model.download_cancelled') {
    throw new AppError('DOWNLOAD_FAILED', `the download of ${id} was cancelled`, { hint: 'pull it again to have it' });
  }
  if (model.state === 'ready') return model;
  // Its type says what its data is.
  const failed = word?.type === 'model.download_failed' ? (word.data as FailedData) : null;
  const code = failed !== null && isErrorCode(failed.code) ? failed.code : 'DOWNLOAD_FAILED';
  throw new AppError(code, failed?.reason ?? `${model.id} is ${model.state}`, {
    hint: failed?.hint ?? `run "drover models info ${model.id}"`,
  });
}

export async function cancel(this: CliContext, _flags: object, id: string): Promise<void> {
  await this.client.cancelDownload(id);
  this.out.line(`the download of ${id} is cancelled; nothing is left of it`);
}
