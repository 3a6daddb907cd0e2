/** One call of the management API over the unix socket, as the operator makes it. */

import { request } from 'node:http';

import { socketPath } from '../../src/config/paths.ts';
import type { House } from './house.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export function callSocket(house: House, method: string, path: string, body: object = {}): Promise<Answer> {
  const text = method === 'GET' ? '' : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socketPath(house.home), method, path, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(pieces).toString() || 'null') });
      });
    });
    call.on('error', reject);
    call.end(text);
  });
}
