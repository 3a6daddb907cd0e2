/** Reads llama-server's `/props`. Pure; a body of another shape is null, never an exception. */

import { asFields, asNumber, parseJson } from './answer.ts';

/** Of a slot: what was configured, rounded, and no more than the model was made for. */
export function parseContextSize(body: string): number | null {
  const settings = asFields(asFields(parseJson(body))?.['default_generation_settings']);
  const tokens = asNumber(settings?.['n_ctx']);
  return tokens !== null && tokens > 0 ? tokens : null;
}
