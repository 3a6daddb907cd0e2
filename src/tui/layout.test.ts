import fc from 'fast-check';
import { expect, test } from 'vitest';

import { footerRows, layoutOf, PANES, placedPanes } from './layout.ts';
import type { LayoutRequest } from './layout.ts';

const usual: LayoutRequest = { columns: 100, rows: 30, instances: 3, devices: 2, logOpen: false, focus: 'instances' };

function heights(request: Partial<LayoutRequest>): Record<string, number> {
  const placed = placedPanes(layoutOf({ ...usual, ...request }));
  return Object.fromEntries(placed.map(({ pane, height }) => [pane, height]));
}

test('tables are as high as their content, what comes at the bottom takes the rest', () => {
  expect(heights({})).toEqual({ instances: 5, devices: 3, facts: 18 });
  expect(heights({ logOpen: true })).toEqual({ instances: 5, devices: 3, facts: 6, log: 12 });
  expect(heights({ columns: 80, rows: 24 })).toEqual({ instances: 5, devices: 3, facts: 12 });
});

test('many instances leave room for the others', () => {
  const placed = heights({ instances: 100, devices: 8 });
  expect(placed['instances']).toBeGreaterThanOrEqual(13);
  expect(placed['facts']).toBeGreaterThanOrEqual(4);
});

test('on a low screen facts go first, never the pane that has the focus', () => {
  expect(Object.keys(heights({ columns: 60, rows: 15, instances: 9 }))).toEqual(['instances', 'devices', 'facts']);
  expect(Object.keys(heights({ columns: 60, rows: 15, logOpen: true }))).toEqual(['instances', 'log']);
  expect(Object.keys(heights({ columns: 60, rows: 12, focus: 'facts' }))).toEqual(['instances', 'facts']);
});

test('on a wide screen devices and facts stand side by side', () => {
  const { bands } = { bands: [], ...layoutOf({ ...usual, columns: 160 }) };
  expect(bands.map((band) => band.map(({ pane, width }) => `${pane} ${width}`))).toEqual([
    ['instances 160'],
    ['devices 79', 'facts 79'],
  ]);
});

test('a screen that is too small is said to be', () => {
  expect(layoutOf({ ...usual, columns: 39 })).toEqual({ kind: 'too-small' });
  expect(layoutOf({ ...usual, rows: 9 })).toEqual({ kind: 'too-small' });
});

test('whatever the size, the bands fill the screen exactly and the focused pane is among them', () => {
  const requests = fc.record({
    columns: fc.integer({ min: 40, max: 300 }),
    rows: fc.integer({ min: 10, max: 120 }),
    instances: fc.nat(200),
    devices: fc.nat(20),
    logOpen: fc.boolean(),
    focus: fc.constantFrom(...PANES),
  });
  fc.assert(
    fc.property(requests, (drawn) => {
      const request: LayoutRequest = drawn.focus === 'log' ? { ...drawn, logOpen: true } : drawn;
      const layout = layoutOf(request);
      if (layout.kind === 'too-small') throw new Error('it is not');
      const total = layout.bands.reduce((sum, [first]) => sum + (first?.height ?? 0), 0);
      expect(total).toBe(request.rows - 1 - footerRows(request));
      expect(placedPanes(layout).map(({ pane }) => pane)).toContain(request.focus);
      expect(placedPanes(layout).every(({ height }) => height >= 2)).toBe(true);
    }),
  );
});
