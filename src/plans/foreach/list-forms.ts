/** Which form the file of a foreach list has, and the reader of it: a table, JSON, or JSON by lines. */
import type { ForeachSource, JsonValue } from '../types.ts';
import { createCsvReader } from './csv.ts';
import { createJsonReader } from './json-list.ts';
import { parseJson, valueAt } from './json.ts';
import type { ListReader, ListValues } from './list-reader.ts';

export function createListReader(source: ForeachSource): ListReader {
  const extension = /\.([a-z]+)$/i.exec(source.path)?.[1]?.toLowerCase();
  if (extension === 'csv' || extension === 'tsv') return tableReader(source, extension === 'csv' ? ',' : '\t');
  if (extension === 'jsonl' || extension === 'ndjson') return createLineReader(source);
  return createJsonReader(source);
}

function tableReader({ path }: ForeachSource, separator: ',' | '\t'): ListReader {
  const reader = createCsvReader(separator);
  const named = (values: ListValues): ListValues =>
    typeof values === 'string' ? `${path} is no table: ${values}` : values;
  return { push: (text) => named(reader.push(text)), end: () => named(reader.end()) };
}

function createLineReader(source: ForeachSource): ListReader {
  let rest = '';
  let line = 0;

  function read(lines: readonly string[]): ListValues {
    const values: JsonValue[] = [];
    for (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      const parsed = parseJson(text);
      if (parsed.kind === 'malformed') return `${source.path} line ${line} is no JSON: ${parsed.reason}`;
      const value = valueAt(parsed.value, source.pointer);
      if (value === undefined) return `${source.path} line ${line} has no "${source.pointer}"`;
      values.push(value);
    }
    return values;
  }

  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      return read(lines);
    },
    end: () => read([rest]),
  };
}
