import { expect, test } from 'vitest';

import { renderFitting } from './table.ts';
import type { Column } from './table.ts';

interface Row {
  readonly name: string;
  readonly model: string;
  readonly port: string;
  readonly reason: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'MODEL', cell: ({ model }) => model, spare: 1, cuttable: true },
  { title: 'PORT', align: 'right', cell: ({ port }) => port, spare: 2 },
  { title: 'REASON', cell: ({ reason }) => reason, cuttable: true },
];
const ROW = { name: 'chat', model: 'm'.repeat(30), port: '8001', reason: 'r'.repeat(40) };

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

test('with room for everything nothing is cut', () => {
  const text = renderFitting([...COLUMNS], [ROW], 200);

  expect(text).toContain(`chat  ${ROW.model}  8001  ${ROW.reason}`);
});

test('long cells are cut before a column is left out', () => {
  const text = renderFitting([...COLUMNS], [ROW], 60);

  expect(text).toMatch(/PORT/);
  expect(text).toMatch(/r{10,}…/);
  expect(widest(text)).toBeLessThanOrEqual(60);
});

test('what is least missed is left out first', () => {
  const text = renderFitting([...COLUMNS], [ROW], 44);

  expect(text).not.toContain('PORT');
  expect(text).toContain('MODEL');
  expect(widest(text)).toBeLessThanOrEqual(44);
});

test('what cannot be spared stays, however narrow it is', () => {
  expect(renderFitting([...COLUMNS], [ROW], 10)).toMatch(/^NAME {2}REAS\nchat {2}rrr…\n$/);
});
