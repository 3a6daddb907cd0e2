/** Plain requests to a house's controller, over its unix socket or over TCP, and nothing of our own client. */

import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { homePaths } from '../../src/config/index.ts';
import type { House } from './house.ts';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined for what is no JSON. */
  readonly body: unknown;
}

export interface Rest {
  ask(path: string, asked?: Asked): Promise<Answered>;
  /** Reads a stream until what has come satisfies, then leaves. */
  readUntil(
    path: string,
    isEnough: (text: string) => boolean,
    headers?: Readonly<Record<string, string>>,
  ): Promise<string>;
}

export function restOf(house: House, via: 'socket' | 'tcp'): Rest {
  const target =
    via === 'socket' ? { socketPath: homePaths(house.home).socket } : { host: '127.0.0.1', port: house.port };

  function open(path: string, { method = 'GET', headers = {}, body }: Asked): Promise<IncomingMessage> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const type = body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    return new Promise((resolve, reject) => {
      const sent = request({ ...target, path, method, headers: { ...length, ...type, ...headers } }, resolve);
      sent.once('error', reject);
      sent.end(text);
    });
  }

  return {
    async ask(path, asked = {}) {
      const response = await open(path, asked);
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
      return { status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(response, text) };
    },
    async readUntil(path, isEnough, headers = {}) {
      const response = await open(path, { headers });
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) {
        text += String(chunk);
        if (isEnough(text)) break;
      }
      response.destroy();
      return text;
    },
  };
}

function parsed(response: IncomingMessage, text: string): unknown {
  return response.headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : undefined;
}
