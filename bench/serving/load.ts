/** The load: requests over kept-alive connections, with the times that a client sees. */

import { Pool } from 'undici';

import type { Contestant } from './processes.ts';

export interface Exchange {
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly tokens: number;
  /** From the upstream's write of a token to its arrival here, in milliseconds. */
  readonly hopsMs: readonly number[];
}

export interface Load {
  /** One request after the other from each of `clients`, for `seconds`. */
  run(body: Buffer, clients: number, seconds: number): Promise<readonly Exchange[]>;
  /** Each of `clients` makes one request. */
  once(body: Buffer, clients: number): Promise<readonly Exchange[]>;
  close(): Promise<void>;
}

function times<T>(count: number, run: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, run));
}

export function createLoad({ port, headers }: Pick<Contestant, 'port' | 'headers'>, connections: number): Load {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

  async function repeat(body: Buffer, until: number): Promise<Exchange[]> {
    const done: Exchange[] = [];
    while (performance.now() < until) done.push(await exchange(pool, headers, body));
    return done;
  }

  return {
    async run(body, clients, seconds) {
      const until = performance.now() + seconds * 1_000;
      return (await times(clients, () => repeat(body, until))).flat();
    },
    once: (body, clients) => times(clients, () => exchange(pool, headers, body)),
    close: () => pool.close(),
  };
}

const STAMP = /"content":"\d+@(\d+) /g;

function exchange(pool: Pool, headers: readonly string[], body: Buffer): Promise<Exchange> {
  const startedAt = performance.now();
  let firstByteAt = 0;
  const hopsMs: number[] = [];
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: '/v1/chat/completions', method: 'POST', headers: [...headers], body },
      {
        onRequestStart: () => {},
        onResponseStart: (_, status) => {
          if (status !== 200) reject(new Error(`status ${status}`));
        },
        onResponseData: (_, bytes) => {
          if (firstByteAt === 0) firstByteAt = performance.now();
          const now = process.hrtime.bigint();
          for (const match of bytes.toString('latin1').matchAll(STAMP))
            hopsMs.push(Number(now - BigInt(match[1] ?? 0)) / 1e6);
        },
        onResponseEnd: () => {
          const totalMs = performance.now() - startedAt;
          resolve({ firstByteMs: firstByteAt - startedAt, totalMs, tokens: hopsMs.length, hopsMs });
        },
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

/** A chat request of about `bytes` bytes. */
export function chatBody(mode: object, stream: boolean, bytes: number): Buffer {
  const words = 'the herd walks along the river while the drover counts every llama '.repeat(Math.ceil(bytes / 67));
  const messages = [{ role: 'user', content: words.slice(0, bytes) }];
  return Buffer.from(JSON.stringify({ model: 'bench', messages, stream, user: JSON.stringify(mode) }));
}
