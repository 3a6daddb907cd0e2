/** Calls to engines: pooled connections, raw bytes in and out. Knows no queue, no protocol and no client. */

import type { IncomingHttpHeaders } from 'node:http';
import { buildConnector, Pool } from 'undici';

import { AppError } from '../../contract/errors.ts';
import { assertMayCall } from '../../kernel/index.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { JSON_TYPE } from '../protocols/call.ts';
import type { EngineCall } from '../protocols/call.ts';

/** Told in this order: at most one `onHead`, any `onData`, then exactly one of `onEnd` and `onError`, an abort included. */
export interface AnswerReader {
  onHead(status: number, headers: IncomingHttpHeaders): void;
  onData(bytes: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

type PostedCall = Pick<EngineCall, 'path' | 'contentType' | 'body'>;

export interface SmallAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** One call on its way. After `abort` the connection is destroyed before the method returns. */
export interface UpstreamCall {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

export interface Upstreams {
  post(engine: EngineAddress, call: PostedCall, reader: AnswerReader): UpstreamCall;
  /** A small answer, whole; `body` null asks with GET. Rejects with ENGINE_FAILED when there is none in `timeoutMs`. */
  ask(
    engine: EngineAddress,
    path: string,
    body: Buffer | null,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<SmallAnswer>;
  /** The body of a small answer; null when the engine does not answer 200 in `timeoutMs`. Never rejects. */
  getText(engine: EngineAddress, path: string, timeoutMs: number): Promise<string | null>;
  /** Ends every call and connection. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Below the 5 s after which both engines close an idle connection: a reused one must not die under a request. */
const KEEP_ALIVE_MS = 4_000;

/** `isOffline` is asked for each call: then only engines of this machine are called, over no connection from before. */
export function createUpstreams(isOffline: () => boolean): Upstreams {
  const pools = new Map<string, Pool>();

  function poolOf(origin: string): Pool {
    const name = isOffline() ? `offline ${origin}` : origin;
    const known = pools.get(name);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      pipelining: 1,
      connect: gated(isOffline),
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    pools.set(name, pool);
    return pool;
  }

  return {
    post: (engine, call, reader) => startCall(poolOf(engine.origin), engine, call, reader),
    ask: (engine, path, body, timeoutMs, signal) =>
      ask(poolOf(engine.origin), engine, { path, body, timeoutMs, signal }),
    async getText(engine, path, timeoutMs) {
      try {
        const answer = await ask(poolOf(engine.origin), engine, { path, body: null, timeoutMs, signal: undefined });
        return answer.status === 200 ? answer.body.toString('utf8') : null;
      } catch {
        return null; // an engine that does not answer is an answer here
      }
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

function gated(isOffline: () => boolean): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  return (options, done) => {
    try {
      assertMayCall(options.hostname, isOffline());
    } catch (error) {
      done(error as Error, null); // the gate throws nothing else
      return;
    }
    connect(options, done);
  };
}

/** What undici hands out once the request is on a connection. */
interface Connection {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

function startCall(pool: Pool, engine: EngineAddress, call: PostedCall, reader: AnswerReader): UpstreamCall {
  let connection: Connection | null = null;
  let aborted: Error | null = null;
  let isTold = false;
  const tellError = (error: Error): void => {
    if (!isTold) reader.onError(error);
    isTold = true;
  };
  pool.dispatch(
    {
      path: `${engine.prefix}${call.path}`,
      method: 'POST',
      headers: headersFor(engine, call.contentType),
      body: call.body,
    },
    {
      onRequestStart(started) {
        connection = started;
        if (aborted !== null) started.abort(aborted);
      },
      onResponseStart(_, status, headers) {
        if (status >= 200) reader.onHead(status, headers);
      },
      onResponseData: (_, bytes) => reader.onData(bytes),
      onResponseEnd: () => reader.onEnd(),
      onResponseError: (_, error) => tellError(aborted ?? error),
    },
  );
  return {
    abort(reason) {
      aborted ??= reason;
      if (connection === null) tellError(aborted); // a host that does not answer holds nobody up
      else connection.abort(reason);
    },
    pause: () => connection?.pause(),
    resume: () => connection?.resume(),
  };
}

function headersFor(engine: EngineAddress, contentType: string): string[] {
  const headers = ['content-type', contentType, 'accept', '*/*'];
  if (engine.key !== null) headers.push('authorization', `Bearer ${engine.key}`);
  return headers;
}

interface SmallCall {
  readonly path: string;
  readonly body: Buffer | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function ask(
  pool: Pool,
  engine: EngineAddress,
  { path, body, timeoutMs, signal }: SmallCall,
): Promise<SmallAnswer> {
  try {
    const answer = await pool.request({
      path: `${engine.prefix}${path}`,
      method: body === null ? 'GET' : 'POST',
      headers: headersFor(engine, JSON_TYPE),
      body,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]),
    });
    const type = answer.headers['content-type'];
    const contentType = typeof type === 'string' ? type : JSON_TYPE;
    return { status: answer.statusCode, contentType, body: Buffer.from(await answer.body.arrayBuffer()) };
  } catch (cause) {
    throw new AppError('ENGINE_FAILED', `instance "${engine.instance}" did not answer ${path}`, { cause });
  }
}
