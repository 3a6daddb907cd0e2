/** What a status of the hub means to whoever pulls: go on, come back later, or a reason why not. Pure. */

import { AppError } from '../../contract/errors.ts';

interface HubStatus {
  readonly status: number;
  /** Header `x-error-code`, where the hub says more. */
  readonly errorCode: string | null;
  readonly url: string;
}

type Refusal =
  | { readonly kind: 'none' }
  /** It may answer later. */
  | { readonly kind: 'later' }
  | { readonly kind: 'no'; readonly error: AppError };

export function refusalOf({ status, errorCode, url }: HubStatus): Refusal {
  if (status < 400) return { kind: 'none' };
  if (status === 429 || status === 408 || status >= 500) return { kind: 'later' };
  const absent = absenceOf(errorCode, repoOf(url));
  if (absent !== null) return absent;
  if (status === 401) return no('MODEL_GATED', `the hub asks who downloads ${repoOf(url)}`, tokenHint(url));
  if (status === 403) return no('MODEL_GATED', `the hub refuses ${repoOf(url)} to this account`, tokenHint(url));
  if (status === 404) return no('MODEL_NOT_FOUND', `the hub has nothing of ${repoOf(url)} there`, 'check its name');
  return no('DOWNLOAD_FAILED', `the hub answered ${status} for ${url}`, 'look at its page');
}

function absenceOf(errorCode: string | null, repo: string): Refusal | null {
  switch (errorCode) {
    case 'RepoNotFound':
      return no('MODEL_NOT_FOUND', `the hub has no ${repo}`, 'check its name; a private one needs HF_TOKEN');
    case 'RevisionNotFound':
      return no('MODEL_NOT_FOUND', `${repo} has no such revision`, 'check what stands behind "@"');
    case 'EntryNotFound':
      return no('MODEL_NOT_FOUND', `${repo} has no such file`, 'look at its page');
    default:
      return null;
  }
}

function no(code: 'MODEL_NOT_FOUND' | 'MODEL_GATED' | 'DOWNLOAD_FAILED', message: string, hint: string): Refusal {
  return { kind: 'no', error: new AppError(code, message, { hint }) };
}

function tokenHint(url: string): string {
  const { origin } = new URL(url);
  return `accept the terms at ${origin}/${repoOf(url)} if there are any, then run it again with HF_TOKEN=… before it`;
}

/** `org/repo` of an address of the hub, of the API or of a file. */
function repoOf(url: string): string {
  const parts = new URL(url).pathname.split('/').filter((part) => part !== '');
  const [org, repo] = parts[0] === 'api' ? parts.slice(2) : parts;
  return `${org ?? ''}/${repo ?? ''}`;
}

export function hubIsForbidden(): AppError {
  return new AppError('OFFLINE', 'the setting "offline" is on, and the hub is another machine', {
    hint: 'run "drover config set offline false", or bring the file and run "drover models import FILE"',
  });
}
