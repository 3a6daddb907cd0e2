/**
 * A stand-in of the model hub: its API of models and trees (in pages), its redirects to another server for the bytes,
 * ranges, the errors it gives, and the faults that a test asks for. Two servers on loopback, as the real one has two hosts.
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubRepo {
  /** By path. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Only who brings this token gets files. */
  readonly token?: string;
  /** With a token: 403 instead of 401, as for terms that were not accepted. */
  readonly refuses?: boolean;
}

/** What goes wrong with the next downloads of bytes; each happens so many times. */
export interface HubFaults {
  /** The connection dies in the middle of a range. */
  cut: number;
  /** Half of a range comes, and then nothing. */
  stall: number;
  /** 429 with this `Retry-After` in seconds. */
  busy: number;
  busySeconds: number;
  /** The address that the hub sent to has expired. */
  expired: number;
  /** One byte is another. */
  corrupt: number;
  /** Of each connection; 0: as fast as it goes. */
  bytesPerSecond: number;
  /** 429 of the API. */
  busyApi: number;
}

export interface StandInHub extends AsyncDisposable {
  readonly url: string;
  readonly faults: HubFaults;
  /** Ranges of bytes that were asked for, e.g. `/cdn/org/repo/x.gguf bytes=0-99`. */
  readonly ranges: string[];
  /** Requests of the API and of addresses. */
  readonly calls: string[];
}

export const HUB_COMMIT = '5a1b0c3d5a1b0c3d5a1b0c3d5a1b0c3d5a1b0c3d';

export async function openHub(
  repos: Readonly<Record<string, HubRepo>>,
  { pageSize = 2 }: { readonly pageSize?: number } = {},
): Promise<StandInHub> {
  const faults: HubFaults = { cut: 0, stall: 0, busy: 0, busySeconds: 0, expired: 0, corrupt: 0, bytesPerSecond: 0, busyApi: 0 }; // prettier-ignore
  const calls: string[] = [];
  const ranges: string[] = [];
  const cdn = createServer((request, response) => void serveBytes(request, response, { repos, faults, ranges }));
  const cdnUrl = await listen(cdn);
  const front = createServer((request, response) => {
    calls.push(request.url ?? '');
    serveFront(request, response, { repos, faults, cdnUrl, pageSize, url: `http://${request.headers.host ?? ''}` });
  });
  const url = await listen(front);
  return {
    url,
    faults,
    ranges,
    calls,
    async [Symbol.asyncDispose]() {
      await Promise.all([close(front), close(cdn)]);
    },
  };
}

interface Front {
  readonly repos: Readonly<Record<string, HubRepo>>;
  readonly faults: HubFaults;
  readonly cdnUrl: string;
  readonly pageSize: number;
  readonly url: string;
}

function serveFront(request: IncomingMessage, response: ServerResponse, front: Front): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', front.url);
  if (take(front.faults, 'busyApi')) {
    return send(response, 429, { error: 'slow down' }, { 'retry-after': String(front.faults.busySeconds) });
  }
  const parts = pathname.split('/').filter((part) => part !== '').map(decodeURIComponent); // prettier-ignore
  const [org = '', name = '', verb = '', revision = '', ...path] = parts[0] === 'api' ? parts.slice(2) : parts;
  const repo = front.repos[`${org}/${name}`];
  if (repo === undefined) return send(response, 401, { error: 'Invalid username or password.' }, errorCode('RepoNotFound')); // prettier-ignore
  if (revision !== 'HEAD' && revision !== 'main' && revision !== HUB_COMMIT) {
    return send(response, 404, { error: 'Invalid rev id' }, errorCode('RevisionNotFound'));
  }
  if (verb === 'revision') return send(response, 200, modelOf(`${org}/${name}`));
  if (verb === 'tree') return sendTree(response, repo, { front, pathname, cursor: Number(searchParams.get('cursor')) });
  sendAddress(request, response, { front, repo, file: path.join('/'), place: `${org}/${name}` });
}

function modelOf(id: string): object {
  return { _id: 'a1', id, sha: HUB_COMMIT, private: false, gated: false, downloads: 1, likes: 1, lastModified: '2026-01-01T00:00:00.000Z' }; // prettier-ignore
}

interface Page {
  readonly front: Front;
  readonly pathname: string;
  readonly cursor: number;
}

function sendTree(response: ServerResponse, repo: HubRepo, { front, pathname, cursor }: Page): void {
  const entries = Object.entries(repo.files).map(([path, bytes]) => ({
    type: 'file',
    oid: createHash('sha1').update(bytes).digest('hex'),
    size: bytes.length,
    path,
    ...(path.endsWith('.gguf') ? { lfs: { oid: digestOf(bytes), size: bytes.length, pointerSize: 134 } } : {}),
  }));
  const next = cursor + front.pageSize;
  const link = `<${front.url}${pathname}?recursive=true&cursor=${next}>; rel="next"`;
  send(response, 200, entries.slice(cursor, next), next < entries.length ? { link } : {});
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

interface Address {
  readonly front: Front;
  readonly repo: HubRepo;
  readonly file: string;
  readonly place: string;
}

function sendAddress(request: IncomingMessage, response: ServerResponse, { front, repo, file, place }: Address): void {
  if (repo.token !== undefined) {
    const isKnown = request.headers.authorization === `Bearer ${repo.token}`;
    if (!isKnown) return send(response, 401, { error: 'Access to model is restricted.' }, errorCode('GatedRepo'));
    if (repo.refuses === true) return send(response, 403, { error: 'Not in the list.' }, errorCode('GatedRepo'));
  }
  const bytes = repo.files[file];
  if (bytes === undefined) return send(response, 404, { error: 'Entry not found' }, errorCode('EntryNotFound'));
  const location = `${front.cdnUrl}/cdn/${place}/${file}?signature=1`;
  const headers = { location, 'x-repo-commit': HUB_COMMIT, 'x-linked-size': String(bytes.length), 'x-linked-etag': `"${digestOf(bytes)}"` }; // prettier-ignore
  send(response, 302, {}, headers);
}

function errorCode(code: string): Record<string, string> {
  return { 'x-error-code': code };
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

interface Bytes {
  readonly repos: Readonly<Record<string, HubRepo>>;
  readonly faults: HubFaults;
  readonly ranges: string[];
}

async function serveBytes(request: IncomingMessage, response: ServerResponse, { repos, faults, ranges }: Bytes) {
  const { pathname } = new URL(request.url ?? '/', 'http://cdn');
  const [, , org = '', name = '', ...path] = pathname.split('/').map(decodeURIComponent);
  // As the real one does: a signature in the address, and a header that says something else, is one too many.
  if (request.headers.authorization !== undefined) return send(response, 400, { error: 'only one auth mechanism' });
  ranges.push(`${pathname} ${request.headers.range ?? ''}`);
  if (take(faults, 'busy')) return send(response, 429, {}, { 'retry-after': String(faults.busySeconds) });
  if (take(faults, 'expired')) return send(response, 403, { error: 'Request has expired' });
  const whole = repos[`${org}/${name}`]?.files[path.join('/')] ?? Buffer.alloc(0);
  const [from = 0, to = whole.length - 1] = (/bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []).slice(1).map(Number); // prettier-ignore
  const bytes = Buffer.from(whole.subarray(from, to + 1));
  response.writeHead(206, { 'content-length': bytes.length, 'content-range': `bytes ${from}-${to}/${whole.length}` });
  if (take(faults, 'corrupt')) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  if (take(faults, 'cut')) return void response.write(half(bytes), () => response.destroy());
  if (take(faults, 'stall')) return void response.write(half(bytes));
  if (faults.bytesPerSecond === 0) return void response.end(bytes);
  await dribble(response, bytes, faults);
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.ceil(bytes.length / 2));
}

const DRIP_MS = 50;

async function dribble(response: ServerResponse, bytes: Buffer, faults: HubFaults): Promise<void> {
  let at = 0;
  while (at < bytes.length && !response.destroyed) {
    const end = faults.bytesPerSecond === 0 ? bytes.length : at + Math.ceil((faults.bytesPerSecond * DRIP_MS) / 1_000);
    response.write(bytes.subarray(at, end));
    at = end;
    await new Promise((next) => setTimeout(next, DRIP_MS));
  }
  response.end();
}

function take(faults: HubFaults, kind: 'cut' | 'stall' | 'busy' | 'expired' | 'corrupt' | 'busyApi'): boolean {
  if (faults[kind] === 0) return false;
  faults[kind]--;
  return true;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
