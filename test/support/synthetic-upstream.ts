/**
 * An HTTP server that answers like an engine and misbehaves on request, for tests and benchmarks of the relay. Each
 * token may carry the time of its writing. The mode of an answer comes with the request, in its field `synthetic`; what
 * drops fields that it does not know lets it through as text in `user`.
 */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { within } from './patience.ts';

/** How one answer goes; given as `synthetic` in the request body. */
export interface SyntheticMode {
  readonly tokens?: number;
  /** Between tokens. */
  readonly gapMs?: number;
  /** Before the first token. */
  readonly prefillMs?: number;
  /** Status other than 200: an error body and nothing else. */
  readonly status?: number;
  /** What the error says. */
  readonly message?: string;
  /** Destroys the connection before this token (from 0). */
  readonly dieAt?: number;
  /** Tells an error within the stream, with the status 500, in place of this token (from 0) and all that would follow. */
  readonly errsAt?: number;
  /** Answers 200 with this page, whatever was asked. */
  readonly page?: string;
  /** Destroys the connection in the middle of this token's frame. */
  readonly dieWithin?: number;
  /** Writes every frame in two TCP writes, cut within a character. */
  readonly dribble?: boolean;
  /** Bytes of text per token. */
  readonly tokenBytes?: number;
  /** Ends without the last frames. */
  readonly silentEnd?: boolean;
}

export interface SyntheticStats {
  readonly served: number;
  readonly aborted: number;
  readonly inFlight: number;
  /** Most that ran at once. */
  readonly peak: number;
  readonly requests: readonly { readonly path: string; readonly authorization: string | null; readonly body: string }[];
  /** Everything written to the latest streamed answer. */
  readonly lastStream: string;
  readonly bytesWritten: number;
}

export interface SyntheticUpstream extends AsyncDisposable {
  readonly port: number;
  stats(): SyntheticStats;
  /** Resolves when `true` is answered; asked after every change. */
  until(question: (stats: SyntheticStats) => boolean): Promise<void>;
  /** As if the process had been killed: every connection is reset, nobody listens. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface SyntheticOptions {
  /** Routes that count the tokens of a chat: one of its own (the default), two as in older llama-servers, none in other makes. */
  readonly tokensIn?: 2 | null;
  /** What `/slots` tells: slots in all; null answers 501. */
  readonly slots?: number | null;
  /** Stays `busy` in `/slots` this long after a client has left. */
  readonly slotLingerMs?: number;
  readonly port?: number;
  /** Keep no bodies: for benchmarks. */
  readonly quiet?: boolean;
  /** How answers go whose requests name no mode. */
  readonly usual?: SyntheticMode;
}

interface Counters {
  served: number;
  aborted: number;
  inFlight: number;
  busy: number;
  peak: number;
  requests: { path: string; authorization: string | null; body: string }[];
  lastStream: string;
  bytesWritten: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function startSyntheticUpstream(options: SyntheticOptions = {}): Promise<SyntheticUpstream> {
  const counters: Counters = {
    served: 0,
    aborted: 0,
    inFlight: 0,
    busy: 0,
    peak: 0,
    requests: [],
    lastStream: '',
    bytesWritten: 0,
  };
  const questions = new Set<() => void>();
  const changed = (): void => questions.forEach((ask) => ask());
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => void answer(request, response, counters, options, changed));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const stats = (): SyntheticStats => ({ ...counters, requests: [...counters.requests] });
  const close = (): Promise<void> => shutDown(server, sockets, (socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has an AddressInfo
    stats,
    until(question) {
      const coming = new Promise<void>((resolve) => {
        const ask = (): void => {
          if (!question(stats())) return;
          questions.delete(ask);
          resolve();
        };
        questions.add(ask);
        ask();
      });
      return within(coming, stats);
    },
    kill: () => shutDown(server, sockets, (socket) => socket.resetAndDestroy()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function shutDown(server: Server, sockets: ReadonlySet<Socket>, end: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) end(socket);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  counters: Counters,
  options: SyntheticOptions,
  changed: () => void,
): Promise<void> {
  if (request.url === '/slots') return answerSlots(response, counters, options);
  if (request.url === '/stats') return sendJson(response, 200, { ...counters, requests: counters.requests.length });
  const body = await readText(request);
  const tell = ABOUT_TOKENS[request.url ?? ''];
  const knows = options.tokensIn === undefined || (options.tokensIn === 2 && request.url !== CHAT_TOKENS);
  if (tell !== undefined && knows) return sendJson(response, 200, tell(body));
  if (options.quiet !== true) {
    const authorization = request.headers.authorization ?? null;
    counters.requests.push({ path: request.url ?? '', authorization, body });
  }
  if (tell !== undefined) return sendJson(response, 404, { error: { message: 'no such route' } });
  counters.inFlight++;
  counters.busy++;
  counters.peak = Math.max(counters.peak, counters.inFlight);
  response.on('close', () => {
    counters.inFlight--;
    if (response.writableFinished) counters.served++;
    else counters.aborted++;
    if (response.writableFinished || options.slotLingerMs === undefined) counters.busy--;
    else setTimeout(() => counters.busy--, options.slotLingerMs);
    changed();
  });
  changed();
  const fields = JSON.parse(body) as { stream?: boolean; synthetic?: SyntheticMode; user?: string };
  const named =
    fields.synthetic ?? (fields.user === undefined ? undefined : (JSON.parse(fields.user) as SyntheticMode));
  const mode = named ?? options.usual ?? {};
  if (mode.prefillMs !== undefined) await wait(mode.prefillMs);
  if (mode.status !== undefined) return sendJson(response, mode.status, failure(mode.status, mode.message));
  if (mode.page !== undefined) return sendPage(response, mode.page);
  if (fields.stream === true) await stream(response, mode, counters);
  else await unary(response, mode);
}

function answerSlots(response: ServerResponse, counters: Counters, options: SyntheticOptions): void {
  if (options.slots === null) return sendJson(response, 501, failure(501));
  const slots = Array.from({ length: options.slots ?? 1 }, (_, id) => ({ id, is_processing: id < counters.busy }));
  sendJson(response, 200, slots);
}

const CHAT_TOKENS = '/v1/chat/completions/input_tokens';

/** A token a word. */
const ABOUT_TOKENS: Readonly<Record<string, (body: string) => object>> = {
  '/apply-template': (body) => ({ prompt: body }),
  [CHAT_TOKENS]: (body) => ({ input_tokens: wordsOf(body).length }),
  '/tokenize': (body) => ({ tokens: wordsOf((JSON.parse(body) as { content: string }).content) }),
};

function wordsOf(text: string): readonly number[] {
  return text.split(/\s+/).map((_, index) => index);
}

const failure = (code: number, message = 'synthetic failure'): unknown => ({
  error: { code, message, type: 'server_error' },
});

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function sendPage(response: ServerResponse, page: string): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(page);
}

async function unary(response: ServerResponse, mode: SyntheticMode): Promise<void> {
  const tokens = mode.tokens ?? 16;
  if (mode.gapMs !== undefined) await wait(mode.gapMs * tokens);
  if (mode.dieAt !== undefined || mode.dieWithin !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"choices":[{"message":');
    await wait(5);
    return void response.socket?.resetAndDestroy();
  }
  const content = Array.from({ length: tokens }, (_, index) => `token${index}`).join(' ');
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  sendJson(response, 200, { ...envelope('chat.completion'), choices, usage: usageOf(tokens) });
}

const usageOf = (tokens: number): unknown => ({
  prompt_tokens: 7,
  completion_tokens: tokens,
  total_tokens: 7 + tokens,
});
const envelope = (object: string): object => ({ id: 'synthetic', object, created: 1, model: 'synthetic' });

function frame(choices: readonly unknown[], more: object = {}): string {
  return `data: ${JSON.stringify({ ...envelope('chat.completion.chunk'), choices, ...more })}\n\n`;
}

/** The text of a token: its number, the time of writing, and characters of three bytes to fill. */
function tokenText(index: number, mode: SyntheticMode): string {
  const text = `${index}@${process.hrtime.bigint()} `;
  return mode.tokenBytes === undefined ? `${text}字` : text.padEnd(mode.tokenBytes, '字');
}

async function stream(response: ServerResponse, mode: SyntheticMode, counters: Counters): Promise<void> {
  counters.lastStream = '';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const write = (text: string): Promise<void> => writeFrame(response, text, mode, counters);
  await write(frame([{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }]));
  const tokens = mode.tokens ?? 16;
  for (let index = 0; index < tokens && !response.destroyed; index++) {
    if (mode.dieAt === index) return void response.socket?.resetAndDestroy();
    if (mode.errsAt === index) return void response.end(`data: ${JSON.stringify(failure(500, mode.message))}\n\n`);
    const text = frame([{ index: 0, delta: { content: tokenText(index, mode) }, finish_reason: null }]);
    if (mode.dieWithin === index) {
      response.write(text.slice(0, text.length >> 1));
      await wait(5);
      return void response.socket?.resetAndDestroy();
    }
    await write(text);
    if (mode.gapMs !== undefined) await wait(mode.gapMs);
  }
  if (mode.silentEnd !== true) {
    await write(frame([{ index: 0, delta: {}, finish_reason: 'stop' }]));
    await write(frame([], { usage: usageOf(tokens) }));
    await write('data: [DONE]\n\n');
  }
  response.end();
}

async function writeFrame(
  response: ServerResponse,
  text: string,
  mode: SyntheticMode,
  counters: Counters,
): Promise<void> {
  const bytes = Buffer.from(text);
  if (counters.lastStream.length < 4_000_000) counters.lastStream += text;
  counters.bytesWritten += bytes.length;
  if (mode.dribble === true) {
    const cut = bytes.indexOf(0xe5) + 1 || bytes.length >> 1; // within the first character of three bytes
    response.write(bytes.subarray(0, cut));
    await wait(1);
    response.write(bytes.subarray(cut));
  } else if (!response.write(bytes)) {
    await drained(response);
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  return Buffer.concat(chunks).toString('utf8') || '{}';
}
