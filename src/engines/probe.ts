/** One HTTP question to a running engine, answered or failed within a time. Decides nothing about the answer. */

import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

import type { Engine, HealthReading, ProbeReply } from './engine.ts';
import { asAppError } from '../contract/errors.ts';
import type { InstanceSpec } from '../contract/index.ts';
import { assertMayCall } from '../kernel/index.ts';

export interface ProbeTarget {
  /** Where the paths begin, e.g. `http://127.0.0.1:8001` or `https://host/prefix`; without a slash at the end. */
  readonly url: string;
  readonly key: string | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** True: no other machine is asked. */
  readonly isOffline?: boolean;
}

/** Engines close a connection long before the next probe: none is kept. */
const httpAgent = new HttpAgent({ keepAlive: false });
const httpsAgent = new HttpsAgent({ keepAlive: false });

/** Bodies beyond this are cut: a probe reads status lines and small JSON. */
const BODY_LIMIT = 1_000_000;

/** GETs a path, or POSTs a body as JSON. Never rejects: every way to fail is a reply. */
export async function probe(path: string, target: ProbeTarget, body?: object): Promise<ProbeReply> {
  try {
    assertMayCall(target.url, target.isOffline === true);
  } catch (error) {
    return { kind: 'failed', message: asAppError(error).message };
  }
  return ask(path, target, body);
}

function ask(path: string, target: ProbeTarget, body: object | undefined): Promise<ProbeReply> {
  return new Promise((resolve) => {
    const deadline = AbortSignal.timeout(target.timeoutMs);
    const fail = (error: Error & { readonly code?: string }): void => {
      if (deadline.aborted) resolve({ kind: 'timeout' });
      else if (error.code === 'ECONNREFUSED') resolve({ kind: 'refused' });
      else resolve({ kind: 'failed', message: error.code ?? error.message });
    };
    const headers = {
      ...(target.key === null ? {} : { authorization: `Bearer ${target.key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const secure = target.url.startsWith('https:');
    const request = secure ? requestHttps : requestHttp;
    const agent = secure ? httpsAgent : httpAgent;
    const options = { method: body === undefined ? 'GET' : 'POST', headers, signal: deadline, agent };
    const call = request(target.url + path, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text = text.length < BODY_LIMIT ? text + chunk : text));
      response.on('end', () => resolve({ kind: 'response', status: response.statusCode ?? 0, body: text }));
      response.on('error', fail);
    });
    call.on('error', fail);
    if (target.signal !== undefined) endWith(target.signal, call);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Not as one signal with the deadline: Node keeps a mark of each such signal at one that lives long, and never drops it. */
function endWith(signal: AbortSignal, call: ClientRequest): void {
  const end = (): void => void call.destroy(new Error('it is not wanted any more'));
  if (signal.aborted) return end();
  signal.addEventListener('abort', end, { once: true });
  call.once('close', () => signal.removeEventListener('abort', end));
}

/** Where to reach a server that listens on `host`: the wildcard addresses mean this machine. */
export function connectHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** The address of a server that listens on `host`, as a probe wants it. */
export function serverUrl(host: string, port: number): string {
  const address = connectHost(host);
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Probes the engine's health paths in order until one is understood. */
export async function probeHealth(
  engine: Engine,
  spec: InstanceSpec,
  target: ProbeTarget,
): Promise<Exclude<HealthReading, { health: 'wrong-path' }>> {
  for (const path of engine.healthPaths(spec)) {
    const reading = engine.classifyHealth(await probe(path, target));
    if (reading.health !== 'wrong-path') return reading;
  }
  return { health: 'error', detail: 'HTTP 404 on every health path' };
}
