/** The key that a request carries, from the headers in which clients send one. Never from a URL. Pure. */

import type { IncomingHttpHeaders } from 'node:http';

/** OpenAI's clients send a bearer, Anthropic's `x-api-key`, Azure's `api-key`. Null when there is none. */
export function presentedKey(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? text(headers['x-api-key']) ?? text(headers['api-key']);
}

function text(value: string | string[] | undefined): string | null {
  const one = Array.isArray(value) ? value[0] : value;
  return one === undefined || one.trim() === '' ? null : one.trim();
}
