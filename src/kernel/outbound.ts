/**
 * The one gate of everything that Drover calls by itself: engines and their probes, hooks, hubs of models. Offline it
 * lets nothing through but calls to this machine. What the operator's own programs do is not its matter.
 */

import { AppError } from '../contract/errors.ts';
import { isLoopback } from './loopback.ts';

/** How the setting is told to programs that Drover starts, with the words that engines and hubs know. */
export const OFFLINE_ENVIRONMENT: Readonly<Record<string, string>> = {
  DROVER_OFFLINE: '1',
  HF_HUB_OFFLINE: '1',
  LLAMA_OFFLINE: '1',
  LLAMA_ARG_OFFLINE: '1',
};

/** Throws OFFLINE for an address beyond this machine while `offline` is set. */
export function assertMayCall(address: string | URL, offline: boolean): void {
  if (!offline) return;
  const host = hostOf(address);
  if (isLoopback(host)) return;
  throw new AppError('OFFLINE', `${host} is not called: the setting offline is on`, {
    hint: 'run "drover config set offline false" to allow calls to other machines',
    detail: { host },
  });
}

/** Of a URL or a bare name. */
function hostOf(address: string | URL): string {
  const text = String(address);
  const host = text.includes('://') && URL.canParse(text) ? new URL(text).hostname : text;
  return host.replace(/^\[|\]$/g, '');
}
