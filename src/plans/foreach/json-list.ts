/** Reads the list in a JSON file: a short text at once, a long one item by item, so that it is never whole in memory. */
import type { ForeachSource, JsonValue } from '../types.ts';
import { parseJson, pathOf, valueAt } from './json.ts';
import { ListCutter } from './list-cutter.ts';
import type { ListReader, ListValues } from './list-reader.ts';

/** Up to this length a text is parsed in one go; what has come before is read at once when a text turns out longer. */
const SHORT = 256 * 1024;

export function createJsonReader(source: ForeachSource): ListReader {
  let short = '';
  let long: ListReader | null = null;
  return {
    push(text) {
      if (long) return long.push(text);
      short += text;
      if (short.length <= SHORT) return [];
      long = createLongReader(source);
      return long.push(short);
    },
    end: () => (long ? long.end() : wholeList(source, short)),
  };
}

function createLongReader(source: ForeachSource): ListReader {
  const cutter = new ListCutter(pathOf(source.pointer));
  let index = 0;
  return {
    push(text) {
      const values: JsonValue[] = [];
      for (const element of cutter.push(text)) {
        const parsed = parseJson(element);
        if (parsed.kind === 'malformed') return `${source.path} is no JSON: item ${index}: ${parsed.reason}`;
        values.push(parsed.value);
        index += 1;
      }
      return values;
    },
    end() {
      const left = wholeList(source, cutter.around());
      if (typeof left === 'string' || left.length === 0 || !cutter.found) return left;
      return `${source.path} has a list at "${source.pointer ?? ''}" twice`;
    },
  };
}

function wholeList({ path, pointer }: ForeachSource, text: string): ListValues {
  const parsed = parseJson(text);
  if (parsed.kind === 'malformed') return `${path} is no JSON: ${parsed.reason}`;
  const list = valueAt(parsed.value, pointer);
  if (list === undefined) return `${path} has nothing at "${pointer ?? ''}"${knownKeys(parsed.value)}`;
  if (!Array.isArray(list)) return `${path} has no list at "${pointer ?? ''}" but ${kindOf(list)}`;
  return list;
}

function knownKeys(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const keys = Object.keys(value).slice(0, 10);
  return keys.length === 0 ? '' : ` (it has ${keys.join(', ')})`;
}

function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
