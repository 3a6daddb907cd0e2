/** A small HTTP server on a home's socket that answers like a controller, as told by each test; records what it is asked. */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';

import { homePaths } from '../../../src/config/paths.ts';
import { AppError, toErrorBody } from '../../../src/contract/errors.ts';
import type { ErrorCode } from '../../../src/contract/errors.ts';

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: unknown;
}

/** By `METHOD /path` without the query; `*` at the end matches the rest. */
export type Answers = Readonly<Record<string, Answer>>;

export type Answer = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

export interface StandIn extends AsyncDisposable {
  readonly asked: readonly Asked[];
}

export function json(value: unknown, status = 200): Answer {
  return (_asked, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
}

export function failing(
  code: ErrorCode,
  message: string,
  more: { hint?: string; detail?: Record<string, unknown> } = {},
): Answer {
  const error = new AppError(code, message, more);
  return json(toErrorBody(error), error.status);
}

export function plainText(...chunks: string[]): Answer {
  return (_asked, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };
}

/** Server-sent events; the stream stays open when `end` is not given. */
export function eventStream(
  events: readonly unknown[],
  options: { end?: boolean; headers?: Record<string, string> } = {},
): Answer {
  return (_asked, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...options.headers });
    response.write(': connected\n\n');
    for (const event of events)
      response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
    if (options.end) response.end();
  };
}

export async function startStandIn(home: string, answers: Answers): Promise<StandIn> {
  return (await serve(answers, { path: homePaths(home).socket })).standIn;
}

/** The same at a front door: a free port of this machine. */
export async function startDoor(answers: Answers): Promise<StandIn & { readonly url: string }> {
  const { standIn, server } = await serve(answers, { port: 0, host: '127.0.0.1' });
  const { port } = server.address() as AddressInfo;
  return { ...standIn, url: `http://127.0.0.1:${port}` };
}

async function serve(answers: Answers, where: ListenOptions): Promise<{ standIn: StandIn; server: Server }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const question = { method: request.method ?? '', path: request.url ?? '', body };
      asked.push(question);
      return answerFor(answers, question)(question, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const standIn = {
    asked,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return { standIn, server };
}

function answerFor(answers: Answers, { method, path }: Asked): Answer {
  const key = `${method} ${path.replace(/\?.*$/s, '')}`;
  const wild = Object.keys(answers).find((known) => known.endsWith('*') && key.startsWith(known.slice(0, -1)));
  const found = answers[key] ?? (wild === undefined ? undefined : answers[wild]);
  return found ?? failing('NOT_FOUND', `${key} is not answered in this test`);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}
