import fc from 'fast-check';
import { expect, test } from 'vitest';

import { planOf } from '../../../test/support/plans.ts';
import { compilePlan, parsePlan } from '../../plans/index.ts';
import type { CompiledNode, CompiledPlan } from '../../plans/index.ts';
import { decodeNode, decodePlan, encodePlan, PlanLines } from './plan-text.ts';

function compiled(text: string): CompiledPlan {
  const result = compilePlan(parsePlan({ file: 'plan.md', text }), { config: {} });
  if (result.kind !== 'compiled') throw new Error('the plan of the test is wrong');
  return result.plan;
}

const chain = (count: number): CompiledPlan =>
  compiled(
    planOf(
      'long "nodes":[] name',
      Array.from({ length: count }, (_, at) => ({
        id: `t${at}`,
        command: String.raw`echo '"nodes":[]' "a\nb"`,
        dependsOn: at === 0 ? 'none' : `t${at - 1}`,
        ...(at % 7 === 0 ? { more: ['- **retries**: 5'] } : {}),
      })),
    ),
  );

test('a plan of many nodes is read as it was written', () => {
  const plan = chain(1_201);
  const lines = new PlanLines();

  const text = encodePlan(plan, (line) => lines.take(line));

  expect(decodePlan(text)).toEqual(plan);
  expect(lines.plan()).toEqual(plan);
});

test('what all tasks say is written once', () => {
  const text = encodePlan(chain(50));

  expect(text.match(/"timeoutMs"/g)).toHaveLength(1);
});

test('one node is found by its name, wherever it stands', () => {
  const plan = chain(1_201);

  const text = encodePlan(plan);

  expect(['t0', 't600', 't1200'].map((name) => decodeNode(text, name))).toEqual(
    [0, 600, 1_200].map((at) => plan.nodes[at]),
  );
  expect(decodeNode(text, 'nobody')).toBeUndefined();
});

test('nodes of any fields are read as they were written', () => {
  const value = fc.oneof(fc.constantFrom(1, 'a', null, false), fc.constantFrom([], {}, ['a'], { a: 1 }));
  const fields = fc.record({ a: value, b: value, line: fc.nat(3) }, { requiredKeys: ['line'] });
  fc.assert(
    fc.property(fc.array(fields), (all) => {
      // Only the text's own promise is looked at: what a node means is none of its business.
      const nodes = all.map((one, at) => ({ name: `n${at}`, ...one })) as unknown as CompiledNode[];
      const plan = { ...chain(1), nodes };
      expect(decodePlan(encodePlan(plan))).toEqual(plan);
    }),
  );
});

test('a text that no plan was written as is refused', () => {
  expect(() => decodePlan('{"format":')).toThrow(SyntaxError);
  expect(() => decodePlan('{"format":1,"nodes":[]}')).toThrow(SyntaxError);
  expect(() => new PlanLines().take('{"kind":"compiled"}')).toThrow(SyntaxError);
  expect(() => new PlanLines().plan()).toThrow(SyntaxError);
});
