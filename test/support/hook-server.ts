/** A server that hears of escalations in a test, or speaks for a model: it fails as often as it is told, and keeps what it heard. */

import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

import { within } from './patience.ts';

export interface Heard {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface HookServer extends AsyncDisposable {
  readonly url: string;
  /** Every request, refused ones too. */
  readonly heard: Heard[];
  /** Requests that are still refused with 503. */
  refusals: number;
  /** What it answers. */
  answer: unknown;
  /** Resolves when it has heard so many. */
  count(requests: number): Promise<void>;
}

export async function openHookServer(port = 0): Promise<HookServer> {
  const heard: Heard[] = [];
  const waiting: { readonly requests: number; readonly tell: () => void }[] = [];
  const state = { refusals: 0, answer: {} as unknown };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (data: Buffer) => (text += data.toString()));
    request.on('end', () => {
      heard.push({
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? null : (JSON.parse(text) as unknown),
      });
      const refused = state.refusals > 0;
      if (refused) state.refusals -= 1;
      response.writeHead(refused ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(state.answer));
      for (const { requests, tell } of waiting) if (heard.length >= requests) tell();
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${bound}`,
    heard,
    get refusals() {
      return state.refusals;
    },
    set refusals(value) {
      state.refusals = value;
    },
    get answer() {
      return state.answer;
    },
    set answer(value) {
      state.answer = value;
    },
    count: (requests) =>
      heard.length >= requests
        ? Promise.resolve()
        : within(new Promise((tell) => waiting.push({ requests, tell })), () => heard),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
