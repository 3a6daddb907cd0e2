/** A controller as far as an agent can tell: answers hellos on the unix socket of a home and keeps every frame. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

import { agentFrameSchema, attemptKey } from '../../src/contract/index.ts';
import type {
  AgentFrame,
  AttemptRef,
  AttemptStart,
  ControllerFrame,
  Grant,
  Outcome,
} from '../../src/contract/index.ts';
import { within } from './patience.ts';

export type Frame<K extends AgentFrame['kind']> = Extract<AgentFrame, { kind: K }>;
type Hello = Frame<'hello'>;

export interface FakeControllerOptions {
  readonly welcome?: (hello: Hello) => { revoke?: AttemptRef[]; acknowledged?: AttemptRef[] };
  /** Acknowledges outcomes as they come; true unless told otherwise. */
  readonly acknowledges?: boolean;
}

export class FakeController {
  readonly frames: AgentFrame[] = [];
  readonly #options: FakeControllerOptions;
  readonly #watchers = new Set<() => void>();
  #server: Server | null = null;
  #socket: WebSocket | null = null;

  constructor(options: FakeControllerOptions = {}) {
    this.#options = options;
  }

  async listen(path: string): Promise<this> {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    const server = createServer();
    const acceptor = new WebSocketServer({ server, path: '/v2/agent/link' });
    acceptor.on('connection', (socket) => this.#onConnection(socket));
    server.listen(path);
    await once(server, 'listening');
    this.#server = server;
    return this;
  }

  /** As a crash: the link breaks without a goodbye. */
  async vanish(): Promise<void> {
    this.#socket?.terminate();
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (this.#server) await once(this.#server, 'close');
    this.#server = null;
  }

  send(frame: ControllerFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  grant(...grants: Grant[]): void {
    this.send({ kind: 'grants', grants });
  }

  /** The first frame of this kind that fits, past or to come. */
  async frame<K extends AgentFrame['kind']>(
    kind: K,
    fits: (frame: Frame<K>) => boolean = () => true,
  ): Promise<Frame<K>> {
    return this.#first(() =>
      this.frames.find((frame): frame is Frame<K> => frame.kind === kind && fits(frame as Frame<K>)),
    );
  }

  /** The first outcome told of the attempt, also in a hello. */
  async outcome(attempt: AttemptRef): Promise<Outcome> {
    return this.#first(() => this.outcomes().find((outcome) => attemptKey(outcome.attempt) === attemptKey(attempt)));
  }

  /** The start told of the attempt: by itself, or with an end that was near. */
  async started(attempt: AttemptRef): Promise<AttemptStart> {
    return this.#first(() => this.#starts().find((start) => attemptKey(start.attempt) === attemptKey(attempt)));
  }

  /** Every outcome told, also those of hellos, in order. */
  outcomes(): Outcome[] {
    return this.frames.flatMap((frame) => (frame.kind === 'outcomes' || frame.kind === 'hello' ? frame.outcomes : []));
  }

  #starts(): AttemptStart[] {
    return this.frames.flatMap((frame) => {
      if (frame.kind === 'outcomes') return frame.starts ?? [];
      return frame.kind === 'started' ? [frame] : [];
    });
  }

  /** What is found in the frames, past or to come. */
  #first<T>(find: () => T | undefined): Promise<T> {
    const looking = async (): Promise<T> => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        await this.#news();
      }
    };
    return within(looking(), () => this.frames);
  }

  #news(): Promise<void> {
    return new Promise((resolve) => void this.#watchers.add(resolve));
  }

  #onConnection(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('message', (data) => this.#onFrame(agentFrameSchema.parse(JSON.parse(String(data)))));
    socket.on('error', () => {});
  }

  #onFrame(frame: AgentFrame): void {
    this.frames.push(frame);
    if (frame.kind === 'hello') this.#welcome(frame);
    if (frame.kind === 'outcomes' && this.#options.acknowledges !== false) {
      this.send({ kind: 'acknowledge', attempts: frame.outcomes.map((outcome) => outcome.attempt) });
    }
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const wake of watchers) wake();
  }

  #welcome(hello: Hello): void {
    const { revoke = [], acknowledged = hello.outcomes.map((outcome) => outcome.attempt) } =
      this.#options.welcome?.(hello) ?? {};
    this.send({ kind: 'welcome', version: hello.version, controllerEpoch: 1, hasKeeper: false, revoke, acknowledged });
  }
}
