/** The server of the Model Context Protocol: the table of tools, and errors that say how to go on. */

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

import type { Client } from '../client/index.ts';
import { AppError } from '../contract/errors.ts';
import { ESCALATION_TOOLS } from './escalation-tools.ts';
import { PLAN_TOOLS } from './plan-tools.ts';
import { RIG_TOOLS } from './rig-tools.ts';
import { toResult } from './tool.ts';
import type { Tool } from './tool.ts';

export interface McpDeps {
  readonly client: Client;
  readonly version: string;
}

const TOOLS: readonly Tool[] = [...PLAN_TOOLS, ...ESCALATION_TOOLS, ...RIG_TOOLS];

export function createMcpServer({ client, version }: McpDeps): McpServer {
  const server = new McpServer({ name: 'drover', version });
  for (const { name, about, isRead, takes, run } of TOOLS) {
    const description = { description: about, inputSchema: takes, annotations: { readOnlyHint: isRead } };
    server.registerTool(name, description, (input) => answered(() => run(input, client)));
  }
  return server;
}

/** What goes wrong is an answer too, so that the planner can mend it. */
async function answered(run: () => Promise<unknown>): Promise<CallToolResult> {
  try {
    return toResult(await run());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, hint, detail } = error;
    return { ...toResult({ code, message, hint, detail }), isError: true };
  }
}
