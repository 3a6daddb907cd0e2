/** The protocol over stdin and stdout, as planners start it: one message per line, nothing else on stdout. */

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

import { createMcpServer } from './server.ts';
import type { McpDeps } from './server.ts';

/** Resolves when the planner has closed its end, or the signal aborts. */
export async function serveStdio(deps: McpDeps, signal: AbortSignal): Promise<void> {
  const server = createMcpServer(deps);
  const closed = new Promise<void>((resolve) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK takes one listener, as a property
    server.server.onclose = resolve;
  });
  process.stdin.once('end', () => void server.close());
  signal.addEventListener('abort', () => void server.close(), { once: true });
  await server.connect(new StdioServerTransport());
  await closed;
}
