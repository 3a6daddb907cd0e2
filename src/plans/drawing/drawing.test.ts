import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parsePlan } from '../parse/parse-plan.ts';
import { layOut, nearestRising } from './layers.ts';
import { toMermaid } from './mermaid.ts';
import { pictureOf } from './picture.ts';
import { toSvg } from './svg.ts';

const PLAN = `# Plan: Review <of> "all"

## Tasks

### list
- **task_class**: cpu
- **command**: \`true\`

### check
- **type**: decide
- **model**: demo
- **depends_on**: list
- **options**: yes, no

### read
- **task_class**: script
- **foreach**: {BATCH_PATH}/list.json:files
- **command**: \`cat {ITEM}\`
- **depends_on**: list

### note
- **task_class**: llm
- **foreach**: list.json:files
- **command**: \`cat {ITEM}\`
- **depends_on**: read_{ITEM}

### publish
- **task_class**: cpu
- **when**: check == yes
- **command**: \`true\`
- **depends_on**: note, failed(list), done(read)
`;

const picture = pictureOf(parsePlan({ file: 'plan.md', text: PLAN }));

test('a picture has a box for each task and an arrow for each thing waited for', () => {
  expect(picture.boxes.map(({ id, list }) => [id, list])).toEqual([
    ['list', undefined],
    ['check', undefined],
    ['read', '{BATCH_PATH}/list.json:files'],
    ['note', 'list.json:files'],
    ['publish', undefined],
  ]);
  expect(picture.arrows).toEqual([
    { from: 'list', to: 'check', kind: 'success' },
    { from: 'list', to: 'read', kind: 'success' },
    { from: 'read', to: 'note', kind: 'item' },
    { from: 'note', to: 'publish', kind: 'success' },
    { from: 'list', to: 'publish', kind: 'failed', label: 'failed' },
    { from: 'read', to: 'publish', kind: 'done', label: 'done' },
    { from: 'check', to: 'publish', kind: 'when', label: '== yes' },
  ]);
});

test('Mermaid gets its own names for tasks, so that any id may be drawn', () => {
  const drawn = toMermaid(picture);

  expect(drawn).toContain('flowchart TD\n  t0["list"]:::cpu\n  t1{"check"}:::llm\n');
  expect(drawn).toContain('t2[["read ×N<br/>#123;BATCH_PATH#125;/list.json:files"]]:::script');
  expect(drawn).toContain('t2 ==>|"per item"| t3');
  expect(drawn).toContain('t1 -->|"#61;#61; yes"| t4');
});

test('an SVG stands by itself and holds no markup of the plan', () => {
  const drawn = toSvg(picture);

  expect(drawn).toContain('<title>Review &lt;of&gt; &quot;all&quot;</title>');
  expect(drawn).not.toContain('<of>');
  expect(drawn.match(/marker-end=/g)).toHaveLength(picture.arrows.length);
  expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  expect(drawn).toContain('item by item');
});

test('a box of a batch tells how far it is', () => {
  const progress = { total: 8, succeeded: 3, failed: 1, running: 2 };
  const boxes = picture.boxes.map((box) => (box.id === 'read' ? { ...box, progress } : box));

  const drawn = toSvg({ ...picture, boxes });

  expect(drawn).toContain('>read ×8<');
  expect(drawn).toContain('>3/8 done, 1 failed, 2 running<');
});

const graph = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.record({
    widths: fc.array(fc.integer({ min: 20, max: 200 }), { minLength: count, maxLength: count }),
    links: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
  }),
);

describe('a layout of any graph without circles', () => {
  test('puts what comes later below, and no two boxes over each other', () => {
    fc.assert(
      fc.property(graph, ({ widths, links }) => {
        const items = widths.map((width, index) => ({ id: `n${index}`, width }));
        const forward = links.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` }));

        const { places, bends, width, layers } = layOut(items, forward);

        const spot = (id: string) => places.get(id) ?? { x: Number.NaN, layer: -1 };
        const late = forward.filter(({ from, to }) => spot(from).layer >= spot(to).layer);
        const crowded = items.filter((one) =>
          items.some(
            (other) =>
              one.id < other.id &&
              spot(one.id).layer === spot(other.id).layer &&
              Math.abs(spot(one.id).x - spot(other.id).x) < (one.width + other.width) / 2,
          ),
        );
        const outside = items.filter(
          ({ id, width: w }) => spot(id).x - w / 2 < -0.01 || spot(id).x + w / 2 > width + 0.01,
        );
        expect({ late, crowded, outside }).toEqual({ late: [], crowded: [], outside: [] });
        expect(bends.map((points) => points.length)).toEqual(
          forward.map(({ from, to }) => spot(to).layer - spot(from).layer - 1),
        );
        expect(Math.max(...items.map(({ id }) => spot(id).layer))).toBe(layers - 1);
      }),
    );
  });
});

test('the nearest rising numbers rise, and stay where they rise already', () => {
  expect(nearestRising([1, 2, 5])).toEqual([1, 2, 5]);
  expect(nearestRising([3, 1, 8, 6])).toEqual([2, 2, 7, 7]);
});
