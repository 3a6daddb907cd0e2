/**
 * The way to the controller: dials, says hello, keeps the heartbeat, dials again. Frames in go to a listener, frames
 * out leave in order and are dropped while there is no link, since hello tells everything again. It obeys nobody but
 * the controller that answered its hello.
 */

import type { RawData, WebSocket } from 'ws';

import { LEASE, controllerFrameSchema } from '../../contract/index.ts';
import type {
  AgentFrame,
  ControllerFrame,
  DeviceReport,
  EndedCounts,
  ProbeRecord,
  WorkerReport,
} from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { parseJson } from '../json-lines.ts';

export type Hello = Extract<AgentFrame, { kind: 'hello' }>;
export type Welcome = Extract<ControllerFrame, { kind: 'welcome' }>;
type Refused = Extract<ControllerFrame, { kind: 'refused' }>;
/** What a controller may ask once it has welcomed this agent. */
export type Order = Exclude<ControllerFrame, Welcome | Refused>;

export interface LinkListener {
  onWelcome(welcome: Welcome): void;
  /** `reply` goes to the very controller that asked, or nowhere. */
  onOrder(order: Order, reply: (frame: AgentFrame) => void): void;
  /** A link that was up is down. */
  onDown(): void;
  /** A dial brought no answer: nobody is there. */
  onUnanswered(): void;
  /** A controller is there, and does not want this agent. */
  onRefused(): void;
}

interface LinkDeps {
  readonly dial: () => WebSocket;
  readonly hello: () => Hello;
  readonly devices: () => readonly DeviceReport[];
  readonly workers: () => readonly WorkerReport[];
  readonly ended: () => Readonly<Record<string, EndedCounts>>;
  /** The health checks since the last call; they are told once. */
  readonly takeProbes: () => readonly ProbeRecord[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface Link {
  /** Once. Goes on until `close`. */
  start(listener: LinkListener): void;
  /**
   * In order; held back while a hello is unanswered, dropped while there is no link. Outcomes are never held back:
   * whoever keeps them tells them again after the welcome.
   */
  send(frame: AgentFrame): void;
  close(): void;
}

const RECONNECT = { firstMs: 25, longestMs: 1_000 } as const;
/** A controller of another protocol is not asked every second. */
const REFUSED_WAIT_MS = 10_000;
const WELCOME_WITHIN_MS = 10_000;

type State =
  | { readonly kind: 'waiting'; readonly timer: Disposable }
  | {
      readonly kind: 'greeting';
      readonly socket: WebSocket;
      readonly held: AgentFrame[];
      readonly deadline: Disposable;
    }
  | { readonly kind: 'up'; readonly socket: WebSocket }
  | { readonly kind: 'closed' };

export function createLink(deps: LinkDeps): Link {
  return new ControllerLink(deps);
}

class ControllerLink implements Link {
  readonly #deps: LinkDeps;
  #listener: LinkListener | null = null;
  #state: State = { kind: 'closed' };
  #waitMs: number = RECONNECT.firstMs;
  #beat: Disposable | null = null;
  #sequence = 0;
  readonly #bornAt: number;
  #heardAt = 0;
  /** By the controller that the current socket leads to. */
  #refused = false;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
    this.#bornAt = deps.clock.monotonic();
  }

  start(listener: LinkListener): void {
    this.#listener = listener;
    this.#dial();
  }

  send(frame: AgentFrame): void {
    if (this.#state.kind === 'greeting' && frame.kind !== 'outcomes') this.#state.held.push(frame);
    else if (this.#state.kind === 'up') write(this.#state.socket, frame);
  }

  close(): void {
    const before = this.#leave({ kind: 'closed' });
    if ('socket' in before) before.socket.close();
  }

  #dial(): void {
    const socket = this.#deps.dial();
    const deadline = this.#deps.clock.after(WELCOME_WITHIN_MS, () => socket.terminate());
    this.#refused = false;
    this.#state = { kind: 'greeting', socket, held: [], deadline };
    socket.on('open', () => write(socket, this.#deps.hello()));
    socket.on('message', (data) => this.#onMessage(socket, data));
    socket.on('pong', () => this.#heard());
    socket.on('error', (error) => this.#deps.log.debug({ error: error.message }, 'link error'));
    socket.on('close', () => this.#onClose(socket));
  }

  #onMessage(socket: WebSocket, data: RawData): void {
    if (!this.#isCurrent(socket)) return;
    const parsed = controllerFrameSchema.safeParse(parseJson(String(data)));
    if (!parsed.success) {
      this.#deps.log.error({ reason: parsed.error.issues[0]?.message }, 'controller frame refused');
      return socket.terminate();
    }
    this.#heard();
    this.#onFrame(parsed.data, socket);
  }

  #onFrame(frame: ControllerFrame, socket: WebSocket): void {
    switch (frame.kind) {
      case 'welcome':
        return this.#onWelcome(frame);
      case 'refused':
        return this.#onRefused(frame, socket);
      default:
        // A controller that replaces an agent of another version says goodbye instead of welcome.
        if (this.#state.kind !== 'up' && frame.kind !== 'goodbye') return socket.terminate();
        this.#listener?.onOrder(frame, (answer) => this.#isCurrent(socket) && write(socket, answer));
    }
  }

  #onWelcome(welcome: Welcome): void {
    if (this.#state.kind !== 'greeting') return;
    const { socket, held } = this.#state;
    this.#leave({ kind: 'up', socket });
    this.#waitMs = RECONNECT.firstMs;
    this.#deps.log.info({ controllerEpoch: welcome.controllerEpoch, controllerVersion: welcome.version }, 'link up');
    this.#listener?.onWelcome(welcome);
    for (const frame of held) write(socket, frame);
    this.#keepHeartbeat(socket);
  }

  /** What runs goes on; an agent or controller of the right version may come. */
  #onRefused({ error }: Refused, socket: WebSocket): void {
    this.#deps.log.error(
      { code: error.code, reason: error.message, hint: error.hint },
      'controller refused this agent',
    );
    this.#waitMs = REFUSED_WAIT_MS;
    this.#refused = true;
    this.#listener?.onRefused();
    socket.close();
  }

  #onClose(socket: WebSocket): void {
    if (!this.#isCurrent(socket)) return;
    const timer = this.#deps.clock.after(this.#waitMs, () => this.#dial());
    this.#waitMs = Math.min(RECONNECT.longestMs, this.#waitMs * 2);
    const before = this.#leave({ kind: 'waiting', timer });
    if (before.kind === 'greeting' && !this.#refused) this.#listener?.onUnanswered();
    if (before.kind !== 'up') return;
    this.#deps.log.warn({}, 'link down');
    this.#listener?.onDown();
  }

  #keepHeartbeat(socket: WebSocket): void {
    this.#beat = this.#deps.clock.after(LEASE.renewMs, () => {
      if (this.#deps.clock.monotonic() - this.#heardAt > LEASE.expiryMs) return socket.terminate();
      const { devices, workers, ended, takeProbes, clock } = this.#deps;
      write(socket, {
        kind: 'heartbeat',
        sequence: ++this.#sequence,
        uptimeMs: Math.round(clock.monotonic() - this.#bornAt),
        devices: [...devices()],
        workers: [...workers()],
        ended: ended(),
        probes: [...takeProbes()],
      });
      socket.ping();
      this.#keepHeartbeat(socket);
    });
  }

  #heard(): void {
    this.#heardAt = this.#deps.clock.monotonic();
  }

  /** The one place where the state changes: whatever belonged to the old one ends with it. */
  #leave(next: State): State {
    const before = this.#state;
    this.#state = next;
    this.#beat?.[Symbol.dispose]();
    this.#beat = null;
    switch (before.kind) {
      case 'waiting':
        before.timer[Symbol.dispose]();
        return before;
      case 'greeting':
        before.deadline[Symbol.dispose]();
        return before;
      case 'up':
      case 'closed':
        return before;
      default:
        return assertNever(before);
    }
  }

  #isCurrent(socket: WebSocket): boolean {
    return 'socket' in this.#state && this.#state.socket === socket;
  }
}

function write(socket: WebSocket, frame: AgentFrame): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
}
