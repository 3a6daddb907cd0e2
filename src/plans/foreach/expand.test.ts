/** Lists become items with safe, distinct names, or the template fails with a reason a person understands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createItemReader, expandForeach } from './expand.ts';
import { membersOf } from './groups.ts';

const JSON_LIST = { path: 'm.json', pointer: 'data.items' };

function expand(text: string, source: { path: string; pointer?: string } = JSON_LIST) {
  return expandForeach({ template: 't', source, text });
}

describe('a list', () => {
  test('in JSON is found by its dotted path; ids name the tasks, else the index', () => {
    const text = JSON.stringify({ data: { items: [{ id: 'a', n: 1 }, { id: 7 }, 'plain', { name: 'x' }] } });

    expect(expand(text)).toEqual({
      kind: 'expanded',
      items: [
        { key: 'a', index: 0, name: 't_a', value: { id: 'a', n: 1 } },
        { key: '7', index: 1, name: 't_7', value: { id: 7 } },
        { key: '2', index: 2, name: 't_2', value: 'plain' },
        { key: '3', index: 3, name: 't_3', value: { name: 'x' } },
      ],
    });
  });

  test('may be the whole file', () => {
    expect(expand('[1]', { path: 'm.json', pointer: '.' })).toMatchObject({ items: [{ value: 1 }] });
  });

  test('may be empty', () => {
    expect(expand('{"data": {"items": []}}')).toEqual({ kind: 'expanded', items: [] });
  });

  test('in JSONL has one item per line that is not blank', () => {
    const expanded = expand('{"id": "a"}\n\n{"id": "b"}\n', { path: '/x/m.jsonl' });

    expect(expanded).toMatchObject({ items: [{ name: 't_a' }, { name: 't_b' }] });
  });

  test('in CSV has one item per row, with quotes, commas and newlines in values', () => {
    const expanded = expand('\ufeffid,text\r\na,"x, ""y""\nz"\r\nb,\r\n', { path: 'm.csv' });

    expect(expanded).toMatchObject({
      items: [{ value: { id: 'a', text: 'x, "y"\nz' } }, { value: { id: 'b', text: '' } }],
    });
  });
});

describe('a template fails with a reason', () => {
  test.each([
    ['twice the same id', '{"data": {"items": [{"id": "a"}, {"id": "a"}]}}', 'ids must differ'],
    ['an id equal to an index', '{"data": {"items": ["x", {"id": 0}]}}', 'ids must differ'],
    ['an id with a slash', '{"data": {"items": [{"id": "a/b"}]}}', 'no single path segment'],
    ['an id that climbs', '{"data": {"items": [{"id": ".."}]}}', 'no single path segment'],
    ['an id with a newline', '{"data": {"items": [{"id": "a\\nb"}]}}', 'no single path segment'],
    ['an empty id', '{"data": {"items": [{"id": ""}]}}', '0 characters'],
    ['an id that is an object', '{"data": {"items": [{"id": {}}]}}', 'no text and no number'],
    ['no list at the path', '{"data": {"other": []}}', 'has nothing at "data.items" (it has data)'],
    ['an object at the path', '{"data": {"items": {}}}', 'no list at "data.items" but an object'],
    ['text that is no JSON', '{"data": ', 'is no JSON'],
  ])('%s', (_, text, reason) => {
    expect(expand(text)).toEqual({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  test.each([
    ['a row of another length', 'a,b\n1\n', 'line 2 has 1 values'],
    ['a column named twice', 'a,a\n1,2\n', 'names "a" twice'],
    ['an open quote', 'a\n"x\n', 'not closed'],
    ['text after a quote', 'a\n"x"y\n', 'text after a closing quote'],
    ['nothing at all', '', 'no header'],
  ])('CSV with %s', (_, text, reason) => {
    expect(expand(text, { path: 'm.csv' })).toEqual({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  test('a name that another task has', () => {
    const taken = new Set(['t_a']);

    const expanded = expandForeach({
      template: 't',
      source: { path: 'm.json', pointer: '.' },
      text: '[{"id":"a"}]',
      taken,
    });

    expect(expanded).toEqual({ kind: 'failed', reason: expect.stringContaining('another task') });
  });
});

describe('with batch_size', () => {
  const source = { path: 'm.json', pointer: '.' };
  const grouped = (text: string, taken?: ReadonlySet<string>) =>
    expandForeach({ template: 't', source, text, batchSize: 2, ...(taken === undefined ? {} : { taken }) });

  test('items are taken in groups that are named after their first and last', () => {
    const expanded = grouped('[{"id":"a"},{"id":"b"},"c"]');

    expect(expanded).toEqual({
      kind: 'expanded',
      items: [
        {
          key: 'batch_0001_0002',
          index: 0,
          name: 't_batch_0001_0002',
          value: [{ id: 'a' }, { id: 'b' }],
          group: { from: 0, keys: ['a', 'b'] },
        },
        { key: 'batch_0003_0003', index: 1, name: 't_batch_0003_0003', value: ['c'], group: { from: 2, keys: ['2'] } },
      ],
    });
  });

  test('a group gives back its items, each with its own key and place, under the name of the group', () => {
    const expanded = grouped('["x","y",{"id":"z"}]');

    const items = expanded.kind === 'expanded' ? expanded.items.flatMap(membersOf) : [];

    expect(items).toEqual([
      { key: '0', index: 0, name: 't_batch_0001_0002', value: 'x' },
      { key: '1', index: 1, name: 't_batch_0001_0002', value: 'y' },
      { key: 'z', index: 2, name: 't_batch_0003_0003', value: { id: 'z' } },
    ]);
  });

  test('an empty list has no groups, ids must differ all the same, and names of groups may be taken', () => {
    expect(grouped('[]')).toEqual({ kind: 'expanded', items: [] });
    expect(grouped('[{"id":"a"},"x",{"id":"a"}]')).toMatchObject({
      reason: expect.stringContaining('ids must differ'),
    });
    expect(grouped('[1,2,3]', new Set(['t_batch_0003_0003']))).toMatchObject({
      reason: 'group 1 of m.json: its name "t_batch_0003_0003" is that of another task of the plan',
    });
  });

  test('no item is lost, doubled or moved, whatever the size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 40 }), fc.integer({ min: 1, max: 45 }), (values, batchSize) => {
        const expanded = expandForeach({ template: 't', source, text: JSON.stringify(values), batchSize });
        const items = expanded.kind === 'expanded' ? expanded.items : [];

        expect(items.flatMap(membersOf).map(({ value }) => value)).toEqual(values);
        expect(items.flatMap(membersOf).map(({ index }) => index)).toEqual([...values.keys()]);
      }),
    );
  });
});

describe('a list that comes in pieces', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', '[', ']', '{', '}', '\n', '\r', 'é', '😀') });
  const values = fc.array(fc.record({ n: fc.jsonValue(), text }), { maxLength: 12 });
  const csv = (rows: readonly { text: string }[]): string =>
    ['text,n', ...rows.map((row) => `"${row.text.replaceAll('"', '""')}",1`)].join('\r\n');

  function inPieces(content: string, size: number, source: { path: string; pointer?: string }) {
    const reader = createItemReader({ template: 't', source });
    const pieces = content.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    const read = [...pieces.map((piece) => reader.push(piece)), reader.end()];
    return read.find((items) => typeof items === 'string') ?? read.flat();
  }

  test.each([
    ['JSON', 'm.json', (rows: unknown[]) => JSON.stringify({ data: { items: rows } })],
    ['JSONL', 'm.jsonl', (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')],
    ['CSV', 'm.csv', (rows: { text: string }[]) => csv(rows)],
  ])('is what it is as a whole: %s', (_, path, write) => {
    const source = path === 'm.json' ? { path, pointer: 'data.items' } : { path };
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 9 }), (rows, size) => {
        const whole = expandForeach({ template: 't', source, text: write(rows) });

        expect(inPieces(write(rows), size, source)).toEqual(whole.kind === 'expanded' ? whole.items : whole.reason);
      }),
    );
  });

  const padding = 'x'.repeat(1024 * 1024);

  test('and is longer than a short one is read item by item', () => {
    const rows = [{ id: 'a', text: '],"[' }, 'b', [1, { c: 2 }]];
    const long = JSON.stringify({ padding, data: { other: [[1], { items: [] }], items: rows, more: [1] } });

    expect(inPieces(long, 65_536, JSON_LIST)).toMatchObject(rows.map((value, index) => ({ index, value })));
    expect(inPieces(JSON.stringify([padding, 1]), 65_536, { path: 'm.json', pointer: '.' })).toHaveLength(2);
    expect(inPieces(JSON.stringify({ padding, data: { items: [] } }), 65_536, JSON_LIST)).toEqual([]);
  });

  test.each([
    ['a comma too many', '"data": {"items": [1,]}}', 'is no JSON: item 1'],
    ['another bracket', '"data": {"items": [1}}', 'is no JSON'],
    ['an end too early', '"data": {"items": [1', 'is no JSON'],
    ['no item between commas', '"data": {"items": [,1]}}', 'is no JSON: item 0'],
    ['nothing at the path', '"data": {}}', 'has nothing at "data.items" (it has padding, data)'],
    ['no list at the path', '"data": {"items": {}}}', 'no list at "data.items" but an object'],
    ['two lists at the path', '"data": {"items": [1], "items": [2]}}', 'a list at "data.items" twice'],
  ])('and is long fails with a reason: %s', (_, rest, reason) => {
    const read = inPieces(`{"padding": "${padding}", ${rest}`, 65_536, JSON_LIST);

    expect(read).toEqual(expect.stringContaining(reason));
  });
});
