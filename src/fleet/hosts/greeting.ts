/** What a controller makes of an agent's hello, before it is stored. Pure. */

import { AppError, PROTOCOL_VERSION } from '../../contract/index.ts';
import type { AgentFrame } from '../../contract/index.ts';

export type Hello = Extract<AgentFrame, { kind: 'hello' }>;

type Greeting =
  | { readonly kind: 'welcome' }
  /** An agent of this machine, of another version: its controller starts one of its own. */
  | { readonly kind: 'replace' }
  | { readonly kind: 'refuse'; readonly error: AppError };

export function greet(hello: Hello, ours: { readonly version: string; readonly localHost: string }): Greeting {
  if (hello.protocol !== PROTOCOL_VERSION) return { kind: 'refuse', error: protocolMismatch(hello, ours.version) };
  const isStranger = hello.version !== ours.version && hello.host === ours.localHost;
  return { kind: isStranger ? 'replace' : 'welcome' };
}

function protocolMismatch(hello: Hello, version: string): AppError {
  return new AppError(
    'PROTOCOL_MISMATCH',
    `agent ${hello.version} on ${hello.host} speaks protocol ${hello.protocol}, controller ${version} speaks ${PROTOCOL_VERSION}`,
    { hint: 'run "drover daemon restart" with the newer version' },
  );
}

export function fencedAgent(hello: Hello, current: number): AppError {
  return new AppError(
    'PROTOCOL_MISMATCH',
    `agent on ${hello.host} comes with epoch ${hello.epoch}, but epoch ${current} is the current one`,
    { hint: 'another agent runs on that host; stop one of them' },
  );
}
