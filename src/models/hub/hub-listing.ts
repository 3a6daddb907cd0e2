/** What the hub says of a repository: the commit that a revision means, and its files. Asks; chooses nothing. */

import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import { chooseFiles } from './choose-files.ts';
import type { FileChoice, HubFile } from './choose-files.ts';
import { RETRIES, retryAfterMs, retryDelay } from './chunks.ts';
import { refusalOf } from './refusal.ts';
import { showReference } from './reference.ts';
import type { HubReference } from './reference.ts';

interface Hub {
  /** Such as `https://huggingface.co`, without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | null;
}

interface HubListingDeps {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly random: () => number;
}

/** All that is needed to fetch what a reference means. */
export interface HubModel {
  /** The commit. */
  readonly revision: string;
  readonly quantisation: string | null;
  readonly files: readonly (HubFile & { readonly url: string; readonly role: 'weights' | 'projector' })[];
}

const ANSWER_TIMEOUT_MS = 60_000;

/** Rejects with MODEL_NOT_FOUND, MODEL_GATED or DOWNLOAD_FAILED. */
export async function findHubModel(
  reference: HubReference,
  deps: HubListingDeps,
  signal: AbortSignal,
): Promise<HubModel> {
  // A large package: loaded by the few who pull.
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const { hub } = deps;
  assertToken(hub);
  const asked = {
    hubUrl: hub.endpoint,
    fetch: patientFetch(deps, signal),
    ...(hub.token === null ? {} : { accessToken: hub.token }),
  };
  const at = reference.revision === null ? {} : { revision: reference.revision };
  const { sha: revision } = await modelInfo({ ...asked, ...at, name: reference.repo, additionalFields: ['sha'] });
  const files: HubFile[] = [];
  for await (const entry of listFiles({ ...asked, repo: reference.repo, revision, recursive: true })) {
    if (entry.type !== 'file') continue;
    files.push({ path: entry.path, sizeBytes: entry.lfs?.size ?? entry.size, sha256: entry.lfs?.oid ?? null });
  }
  return toModel(reference, revision, chooseFiles(files, reference.pick), hub);
}

const TOKEN_PREFIX = 'hf_';

/** The hub's own package takes no other, and says so as if that were a fault of ours. */
function assertToken({ token }: Hub): void {
  if (token === null || token.startsWith(TOKEN_PREFIX)) return;
  throw new AppError('INVALID_REQUEST', `the token for the hub does not begin with "${TOKEN_PREFIX}"`, {
    hint: 'look at HF_TOKEN, of the command and of the daemon; without one, only what is open to all is pulled',
  });
}

function toModel(reference: HubReference, revision: string, choice: FileChoice, { endpoint }: Hub): HubModel {
  if (choice.kind === 'none') {
    const others = choice.choices.length === 0 ? {} : { hint: `it has ${choice.choices.join(', ')}` };
    throw new AppError('MODEL_NOT_FOUND', `${showReference(reference)}: ${choice.reason}`, others);
  }
  const place = (file: HubFile, role: 'weights' | 'projector') => ({
    ...file,
    role,
    url: `${endpoint}/${reference.repo}/resolve/${revision}/${file.path.split('/').map(encodeURIComponent).join('/')}`,
  });
  const { quantisation, parts, projector } = choice;
  const files = parts.map((part) => place(part, 'weights'));
  return { revision, quantisation, files: projector === null ? files : [...files, place(projector, 'projector')] };
}

/** Tries again what the hub was too busy for; throws what it refuses as an error of ours. */
function patientFetch({ clock, random }: HubListingDeps, signal: AbortSignal): typeof fetch {
  return async (url, init) => {
    for (let failures = 1; ; failures++) {
      const answer = await answerOf(url, init, signal);
      if (answer.kind === 'answered') return answer.response;
      const waitMs = retryDelay(failures, retryAfterMs(answer.retryAfter, clock.now()), random());
      if (waitMs === null) {
        throw new AppError('DOWNLOAD_FAILED', `the hub does not answer: ${answer.reason}`, {
          hint: `tried ${RETRIES.most + 1} times; is ${new URL(String(url)).origin} reachable from here?`,
        });
      }
      await clock.sleep(waitMs, signal);
    }
  };
}

type HubAnswer =
  | { readonly kind: 'answered'; readonly response: Response }
  | { readonly kind: 'later'; readonly reason: string; readonly retryAfter: string | null };

async function answerOf(url: Parameters<typeof fetch>[0], init: RequestInit = {}, signal: AbortSignal) {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  const response = await fetch(url, { ...init, signal: deadline }).catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  });
  return readAnswer(response);
}

function readAnswer(response: Response | Error): HubAnswer {
  if (response instanceof Error) {
    const cause = response.cause instanceof Error ? response.cause.message : response.message;
    return { kind: 'later', reason: cause, retryAfter: null };
  }
  const refusal = refusalOf({
    status: response.status,
    errorCode: response.headers.get('x-error-code'),
    url: response.url,
  });
  if (refusal.kind === 'no') throw refusal.error;
  if (refusal.kind === 'none') return { kind: 'answered', response };
  return { kind: 'later', reason: `status ${response.status}`, retryAfter: response.headers.get('retry-after') };
}
