/** What a tool is here: a name, what it is for, what it takes, and what it does with the client. */

import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';

import type { Client } from '../client/index.ts';

export interface Tool<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly about: string;
  /** It changes nothing. */
  readonly isRead: boolean;
  readonly takes: S;
  readonly run: (input: z.output<z.ZodObject<S>>, client: Client) => Promise<unknown>;
}

/** Keeps the types of a tool's input together with what it runs. */
export function defineTool<S extends z.ZodRawShape>(tool: Tool<S>): Tool {
  // The SDK has checked the input against `takes` before `run` sees it.
  return tool as unknown as Tool;
}

/** An answer as text: JSON, or the text that it is. */
export function toResult(value: unknown): CallToolResult {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return { content: [{ type: 'text', text }] };
}
