/**
 * An answer that may be given before its request has come whole. Its end waits then until the rest has been taken and
 * dropped, for who still writes, such as a proxy, would meet a closed connection and never read the answer.
 */

import { ServerResponse } from 'node:http';
import type { IncomingMessage } from 'node:http';

import type { Clock } from '../kernel/index.ts';

/** More of the rest, or a slower sender, is cut off. */
const LINGER_BYTES = 64 * 1024 * 1024;
const LINGER_MS = 5_000;

/** The class of the answers of a server. */
export function patientResponse(clock: Clock): typeof ServerResponse<IncomingMessage> {
  return class extends ServerResponse<IncomingMessage> {
    override end(...given: readonly unknown[]): this {
      if (isWhole(this.req)) return super.end(...(given as []));
      const body = given.find((word) => typeof word === 'string' || word instanceof Uint8Array);
      const told = given.find((word): word is () => void => typeof word === 'function');
      if (body === undefined) this.flushHeaders();
      else this.write(body);
      dropRest(this.req, clock, (isCut) => {
        super.end(told);
        if (isCut) this.req.socket.destroySoon();
      });
      return this;
    }
  };
}

function isWhole({ complete, destroyed, headers }: IncomingMessage): boolean {
  const isWithBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return complete || destroyed || !isWithBody;
}

function dropRest(request: IncomingMessage, clock: Clock, onEnd: (isCut: boolean) => void): void {
  let left = LINGER_BYTES;
  const stop = (isCut: boolean): void => {
    limit[Symbol.dispose]();
    request.off('data', drop).off('end', whole).off('close', whole);
    onEnd(isCut);
  };
  const whole = (): void => stop(false);
  const drop = (piece: Buffer): void => {
    left -= piece.length;
    if (left < 0) stop(true);
  };
  const limit = clock.after(LINGER_MS, () => stop(true));
  request.on('data', drop).once('end', whole).once('close', whole).resume();
}
