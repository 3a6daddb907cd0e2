/**
 * The seam between the client and what carries its requests: one exchange with the controller, and its reply with the
 * body still unread. Over `node:http` it is `node-transport.ts`, in a browser `fetch-transport.ts`.
 */

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** In place of a body: sent as it comes. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  /** Null when there is none of that name, which is written in lower case. */
  header(name: string): string | null;
  /** As it comes, once; rejects with DAEMON_UNREACHABLE when it breaks off, or with the reason of a signal. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the connection of a body that is not wanted to its end. */
  close(): void;
}

/** Rejects with DAEMON_UNREACHABLE, whose `detail.refused` is true when nothing was sent, or with the reason of a signal. */
export type Transport = (exchange: Exchange) => Promise<Reply>;

export function headersOf({ headers }: Exchange, key: string | undefined, body: string | undefined): HeaderFields {
  return {
    accept: 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  };
}

export type HeaderFields = Readonly<Record<string, string>>;

/** What an exchange has as its JSON. */
export function jsonOf({ body }: Exchange): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}
