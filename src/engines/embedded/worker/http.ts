/** JSON in and out of node:http. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError } from './api-error.ts';

const BODY_LIMIT = 32 * 1024 * 1024;

/** The body of a call; an empty one is an empty object. */
export async function readJson(call: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of call as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new ApiError('invalid_request_error', `the body is larger than ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  const body = parsed(text);
  if (isDeeper(body, DEEPEST)) throw new ApiError('invalid_request_error', `the body is nested deeper than ${DEEPEST}`);
  return body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError('invalid_request_error', `the body is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Beyond this, readers that follow a value into its parts would run out of stack. */
const DEEPEST = 200;

function isDeeper(value: unknown, depth: number): boolean {
  let level: readonly unknown[] = [value];
  for (let at = 0; at <= depth && level.length > 0; at++) {
    level = level.flatMap((part) =>
      typeof part === 'object' && part !== null ? Object.values(part).filter((each) => typeof each === 'object') : [],
    );
  }
  return level.length > 0;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body));
}

export function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
