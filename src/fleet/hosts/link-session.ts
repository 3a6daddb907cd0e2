/**
 * One agent link, seen from the controller: frames in and out over one WebSocket. It validates what comes and knows
 * whether it is open; what frames mean is decided by `hosts.ts`.
 */

import type { RawData, WebSocket } from 'ws';

import { agentFrameSchema } from '../../contract/index.ts';
import type { AgentFrame, AttemptRef, ControllerFrame } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';

export interface LinkSession {
  send(frame: ControllerFrame): void;
  /** Those of one turn go in one frame. */
  acknowledge(attempts: readonly AttemptRef[]): void;
  /** Ends the link; the agent may dial again. */
  close(): void;
}

interface LinkListener {
  onFrame(frame: AgentFrame, session: LinkSession): void;
  onClose(session: LinkSession): void;
}

/** Frames larger than this are no frames of ours. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** A frame that does not parse ends the link: the two sides no longer speak the same language. */
export function openSession(socket: WebSocket, listener: LinkListener, log: Log): LinkSession {
  const acknowledged: AttemptRef[] = [];
  const session: LinkSession = {
    send(frame) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
    },
    acknowledge(attempts) {
      const isFirst = acknowledged.length === 0;
      acknowledged.push(...attempts);
      if (isFirst && attempts.length > 0)
        setImmediate(() => session.send({ kind: 'acknowledge', attempts: acknowledged.splice(0) }));
    },
    close: () => socket.close(),
  };
  socket.on('message', (data) => {
    const frame = parseFrame(data);
    if (frame.kind === 'valid') return listener.onFrame(frame.frame, session);
    log.error({ reason: frame.reason }, 'agent frame refused');
    socket.close(1007, 'frame refused');
  });
  socket.on('close', () => listener.onClose(session));
  socket.on('error', (error) => log.warn({ err: error }, 'agent link failed'));
  return session;
}

type ParsedFrame =
  | { readonly kind: 'valid'; readonly frame: AgentFrame }
  | { readonly kind: 'invalid'; readonly reason: string };

function parseFrame(data: RawData): ParsedFrame {
  try {
    const parsed = agentFrameSchema.safeParse(JSON.parse(String(data)));
    return parsed.success
      ? { kind: 'valid', frame: parsed.data }
      : {
          kind: 'invalid',
          reason: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
        };
  } catch (error) {
    return { kind: 'invalid', reason: String(error) };
  }
}
