/** From plan text to what one attempt runs: values of the batch, of the item, and of the environment. */
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../parse/parse-plan.ts';
import type { CompiledPlan, ForeachItem, JsonValue } from '../types.ts';
import { compilePlan } from './compile-plan.ts';
import { renderCondition, renderForeach, renderNames, renderTask } from './render-task.ts';

const builtins = { batchId: 'B1', planPath: '/plans/my plan', batchPath: '/batches/B1' };

const TEXT = `# Plan: Render
## Inputs
- **DIR** (path, default in)
- **N** (integer, default 5)
- **LIST** (default lists/m.json:items)
## Tasks
### one
- **task_class**: cpu
- **command**: \`scan {DIR} --plan {PLAN_PATH} --id {BATCH_ID}\`
- **env**: TARGET={DIR}/x
- **produces**: {BATCH_PATH}/{N}.txt
### each
- **task_class**: cpu
- **foreach**: {LIST}
- **command**: \`echo {ITEM.id} "{ITEM.deep.a}" {ITEM}\`
- **depends_on**: one
### ask
- **type**: generate
- **model**: demo
- **max_tokens**: {N}
- **foreach**: {BATCH_PATH}/m.json:items
- **depends_on**: each_{ITEM.id}
- **produces**: out/{ITEM.id}.txt

\`\`\`prompt
Say {ITEM.text} \\{N} {"json": {N}}
\`\`\`
`;

function compiled(config: Record<string, JsonValue> = {}): CompiledPlan {
  const result = compilePlan(parsePlan({ file: 'plan.md', text: TEXT }), { config });
  if (result.kind === 'rejected') throw new Error(JSON.stringify(result.diagnostics));
  return result.plan;
}

function nodeOf(plan: CompiledPlan, name: string) {
  const node = plan.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no ${name}`);
  return node;
}

function itemOf(value: JsonValue): ForeachItem {
  return { key: 'k', index: 0, name: 'each_k', value };
}

describe('rendering', () => {
  test('a shell task quotes values in its command and splices them in paths and environment', () => {
    const plan = compiled({ DIR: "it's; $(x)", N: 9 });

    const result = renderTask({ plan, node: nodeOf(plan, 'one'), builtins });

    expect(result).toMatchObject({
      kind: 'rendered',
      task: {
        name: 'one',
        command: String.raw`scan 'it'\''s; $(x)' --plan '/plans/my plan' --id 'B1'`,
        produces: ['/batches/B1/9.txt'],
        env: {
          TARGET: "it's; $(x)/x",
          DROVER_INPUT_DIR: "it's; $(x)",
          DROVER_TASK: 'one',
          DROVER_BATCH_PATH: '/batches/B1',
        },
      },
    });
  });

  test('an item gives its fields, nested ones as JSON, and itself as text', () => {
    const plan = compiled();
    const item = itemOf({ id: 'k', deep: { a: [1] } });

    const result = renderTask({ plan, node: nodeOf(plan, 'each'), builtins, item });

    expect(result).toMatchObject({
      task: {
        name: 'each_k',
        command: `echo 'k' "[1]" '{"id":"k","deep":{"a":[1]}}'`,
        itemJson: '{"id":"k","deep":{"a":[1]}}',
        env: { DROVER_ITEM_FIELD_ID: 'k', DROVER_ITEM_FIELD_DEEP: '{"a":[1]}', DROVER_TASK: 'each_k' },
      },
    });
  });

  test('an item without a field that is used cannot be rendered', () => {
    const plan = compiled();

    const result = renderTask({ plan, node: nodeOf(plan, 'each'), builtins, item: itemOf({ id: 'k' }) });

    expect(result).toEqual({ kind: 'unrenderable', reason: 'the item has no field for {ITEM.deep.a}' });
  });

  test('a prompt takes values as they are', () => {
    const plan = compiled();
    const item = itemOf({ id: 'k', text: 'a "b" $(c)' });

    const result = renderTask({ plan, node: nodeOf(plan, 'ask'), builtins, item });

    expect(result).toMatchObject({
      task: { prompt: 'Say a "b" $(c) {N} {"json": 5}', model: 'demo', maxTokens: 5, produces: ['out/k.txt'] },
    });
  });

  test('a large item is left out of the environment but not out of its file', () => {
    const plan = compiled();
    const item = itemOf({ id: 'k', text: 'x'.repeat(1_000_000) });

    const result = renderTask({ plan, node: nodeOf(plan, 'ask'), builtins, item });

    expect(result.kind === 'rendered' ? result.task.itemJson?.length : 0).toBeGreaterThan(1_000_000);
    expect(result.kind === 'rendered' ? Object.keys(result.task.env) : []).not.toContain('DROVER_ITEM_JSON');
  });

  test('a NUL byte has no place in a command', () => {
    const plan = compiled({ DIR: 'a\0b' });

    expect(renderTask({ plan, node: nodeOf(plan, 'one'), builtins })).toEqual({
      kind: 'unrenderable',
      reason: '{DIR} holds a NUL byte',
    });
  });
});

describe('lists and edges', () => {
  test('a list named by an input is cut at its last colon', () => {
    const plan = compiled({ LIST: '/data/a:b.json:rows' });

    expect(renderForeach({ plan, node: nodeOf(plan, 'each'), builtins })).toEqual({
      kind: 'rendered',
      source: { path: '/data/a:b.json', pointer: 'rows' },
    });
  });

  test('an edge per item names the item task of the other template', () => {
    const plan = compiled();
    const [dep] = nodeOf(plan, 'ask').deps;

    expect(dep).toEqual({ on: 'each', condition: 'success', perItem: 'each_{ITEM.id}' });
    expect(renderNames(dep?.perItem ?? '', { plan, builtins, item: itemOf({ id: 'z' }) })).toEqual(['each_z']);
    expect(renderNames(dep?.perItem ?? '', { plan, builtins, item: itemOf({}) })).toEqual(['each_{ITEM.id}']);
  });

  test('built-ins cannot be set', () => {
    const result = compilePlan(parsePlan({ file: 'plan.md', text: TEXT }), { config: { PLAN_PATH: '/x' } });

    expect(result).toMatchObject({ kind: 'rejected', diagnostics: [{ code: 'P031' }, {}] });
  });
});

describe('a condition', () => {
  const CONDITIONS = `# Plan: Conditions
## Tasks
### pick
- **type**: decide
- **model**: demo
- **options**: left, right

\`\`\`prompt
Left or right?
\`\`\`
### judge
- **type**: decide
- **model**: demo
- **foreach**: m.json:items

\`\`\`prompt
What is {ITEM}?
\`\`\`
### left
- **task_class**: cpu
- **command**: \`true\`
- **when**: pick == left
### same
- **task_class**: cpu
- **foreach**: m.json:items
- **command**: \`true\`
- **when**: judge != {ITEM.wanted}
### other
- **task_class**: cpu
- **foreach**: other.csv
- **command**: \`true\`
- **depends_on**: done(judge), pick
- **when**: judge_{ITEM.name} == yes
`;
  const result = compilePlan(parsePlan({ file: 'plan.md', text: CONDITIONS }), { config: {} });
  if (result.kind === 'rejected') throw new Error(JSON.stringify(result.diagnostics));
  const { plan } = result;

  function conditionOf(name: string, item?: ForeachItem) {
    const { when } = nodeOf(plan, name);
    if (when === undefined) throw new Error(`${name} has no condition`);
    return renderCondition(when, { plan, builtins, ...(item === undefined ? {} : { item }) });
  }

  test('implies the dependency on its decide task, unless one is written', () => {
    expect(nodeOf(plan, 'left').deps).toEqual([{ on: 'pick', condition: 'success' }]);
    expect(nodeOf(plan, 'same').deps).toEqual([{ on: 'judge', condition: 'success', perItem: 'judge_{ITEM_KEY}' }]);
    expect(nodeOf(plan, 'other').deps).toEqual([
      { on: 'judge', condition: 'done' },
      { on: 'pick', condition: 'success' },
    ]);
  });

  test('names the task whose answer counts: of the same list the partner, else the one that is written', () => {
    expect(conditionOf('left')).toEqual({ task: 'pick', operator: '==', value: 'left' });
    expect(conditionOf('same', itemOf({ wanted: 'a b' }))).toEqual({ task: 'judge_k', operator: '!=', value: 'a b' });
    expect(conditionOf('other', itemOf({ name: 'x' }))).toEqual({ task: 'judge_x', operator: '==', value: 'yes' });
  });
});
