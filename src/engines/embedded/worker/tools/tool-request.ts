/** The tools of a chat request and whether they may, must or must not be called. Pure. */

import { ApiError } from '../api-error.ts';
import { booleanField, isRecord, listField } from '../request/fields.ts';
import type { Body } from '../request/fields.ts';

export interface Tool {
  readonly name: string;
  /** A JSON schema of the arguments. */
  readonly parameters: Body;
  /** Arguments keep all of the schema; else only what a grammar can. */
  readonly strict: boolean;
  /** As the client sent it, for the chat template. */
  readonly given: Body;
}

export interface ToolRequest {
  /** Those that may be called. */
  readonly tools: readonly Tool[];
  /** True: the answer is a call. False: it may be one. */
  readonly demanded: boolean;
  /** Several calls in one answer. */
  readonly parallel: boolean;
}

const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };

/** Null when no tool may be called. */
export function readTools(body: Body): ToolRequest | null {
  const tools = listField(body, 'tools', 'a list of tools').map(readTool);
  const repeatedName = tools.find(({ name }, at) => tools.findIndex((other) => other.name === name) !== at)?.name;
  if (repeatedName !== undefined) throw invalid(`"tools" has two named "${repeatedName}"`);
  const choice = body['tool_choice'] ?? 'auto';
  const parallel = booleanField(body, 'parallel_tool_calls', true);
  if (choice === 'none' || (choice === 'auto' && tools.length === 0)) return null;
  if (choice === 'auto') return { tools, demanded: false, parallel };
  if (tools.length === 0) throw invalid('"tool_choice" demands a call, but there are no "tools"');
  if (choice === 'required') return { tools, demanded: true, parallel };
  return { tools: [chosenTool(choice, tools)], demanded: true, parallel: false };
}

function readTool(given: unknown, at: number): Tool {
  if (!isRecord(given) || given['type'] !== 'function' || !isRecord(given['function'])) {
    throw invalid(`tools[${at}] must be of type "function", with a "function" object`);
  }
  const { name, parameters, strict } = given['function'];
  if (typeof name !== 'string' || !/^[\w.:-]{1,128}$/.test(name)) {
    throw invalid(`tools[${at}].function.name must be of letters, digits, "_", ".", ":" and "-"`);
  }
  return { name, parameters: parameterSchema(parameters ?? NO_PARAMETERS, at), strict: strict === true, given };
}

/** Arguments have names, so they are an object. */
function parameterSchema(parameters: unknown, at: number): Body {
  if (isRecord(parameters) && (parameters['type'] ?? 'object') === 'object') return { ...parameters, type: 'object' };
  throw invalid(`tools[${at}].function.parameters must be a JSON schema of type "object"`);
}

function chosenTool(choice: unknown, tools: readonly Tool[]): Tool {
  const named = isRecord(choice) && choice['type'] === 'function' ? choice['function'] : null;
  if (!isRecord(named)) {
    throw invalid('"tool_choice" must be "none", "auto", "required" or {"type":"function","function":{"name":…}}');
  }
  const tool = tools.find(({ name }) => name === named['name']);
  if (tool !== undefined) return tool;
  throw invalid(`"tool_choice" names ${JSON.stringify(named['name'])}, which is not among "tools"`);
}

function invalid(message: string): ApiError {
  return new ApiError('invalid_request_error', message);
}
