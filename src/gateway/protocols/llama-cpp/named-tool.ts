/** llama-server knows a choice of tools in one word only, and drops the name of one: so that one is all it is given. Pure. */

import type { EngineCall, EngineKind } from '../call.ts';
import { isFields, listOf, parseFields, toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';

const NAME = '"tool_choice"';

/** The same call where no tool is named. */
export function withToolAlone(call: EngineCall, kind: EngineKind): EngineCall {
  if (kind !== 'llama-server' || call.path !== '/v1/chat/completions' || !call.body.includes(NAME)) return call;
  const fields = parseFields(call.body) ?? {};
  const name = nameIn(fields['tool_choice']);
  const alone = listOf(fields['tools']).filter((tool) => name !== null && nameIn(tool) === name);
  if (alone.length === 0) return call;
  return { ...call, body: toBytes({ ...fields, tools: alone, tool_choice: 'required' }) };
}

/** A tool and the choice of one have it at the same place. */
function nameIn(tool: unknown): unknown {
  const called: Fields = isFields(tool) && isFields(tool['function']) ? tool['function'] : {};
  return called['name'] ?? null;
}
