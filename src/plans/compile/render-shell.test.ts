/** A group of items as one script for bash: run for real, in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGrouping } from '../foreach/groups.ts';
import { parsePlan } from '../parse/parse-plan.ts';
import type { JsonValue, RenderedShellTask } from '../types.ts';
import { compilePlan } from './compile-plan.ts';
import { renderTask } from './render-task.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-group-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One group of all these items, taken by a task with these lines. */
function render(lines: string, values: readonly JsonValue[]) {
  const text = `# Plan: Groups
## Tasks
### pack
- **task_class**: cpu
- **timeout**: 1m
- **foreach**: list.json:items
- **batch_size**: 100
${lines}
`;
  const compiled = compilePlan(parsePlan({ file: 'plan.md', text }), { config: {} });
  if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.diagnostics));
  const { plan } = compiled;
  const [node] = plan.nodes;
  const items = values.map((value, index) => ({ key: `k${index}`, index, name: `pack_k${index}`, value }));
  const grouping = createGrouping('pack', 100);
  const [item] = [...grouping.push(items), ...grouping.end()];
  if (node === undefined || item === undefined) throw new Error('no group');
  return renderTask({ plan, node, item, builtins: { batchId: 'B', planPath: '/p', batchPath: folder } });
}

function rendered(lines: string, values: readonly JsonValue[]): RenderedShellTask {
  const result = render(lines, values);
  if (result.kind === 'unrenderable' || result.task.type !== 'shell') throw new Error(JSON.stringify(result));
  return result.task;
}

function run({ command, env }: RenderedShellTask) {
  const all = { PATH: process.env['PATH'], ...env, DROVER_ITEM_FILE: join(folder, 'item.json') };
  return spawnSync('bash', ['--norc', '-c', command], { cwd: folder, encoding: 'utf8', env: all });
}

describe('a group of items', () => {
  test('runs the command of each in order, whatever the values hold', () => {
    const task = rendered('- **command**: `echo {ITEM}`', ['a', "it's", '$(touch bad); "', 'two\nlines']);

    const { stdout, status } = run(task);

    expect(stdout).toBe('a\nit\'s\n$(touch bad); "\ntwo\nlines\n');
    expect(status).toBe(0);
  });

  test('stops at the first item that fails, with its exit code, and says which it was', () => {
    const task = rendered('- **command**: `echo {ITEM}; exit {ITEM}`', [0, 7, 0]);

    const { stdout, stderr, status } = run(task);

    expect({ stdout, stderr, status }).toEqual({
      stdout: '0\n7\n',
      stderr: 'item k1 failed with exit code 7\n',
      status: 7,
    });
  });

  test('keeps exit, cd, variables and options of one item from the next', () => {
    const lines = '\n```bash\nset -e\necho "${LEFT-none} $PWD"\nLEFT=over\ncd /\nexit 0\n```';

    const { stdout } = run(rendered(lines, [1, 2]));

    expect(stdout).toBe(`none ${folder}\nnone ${folder}\n`);
  });

  test('a command that asks bash to stop at its first error does so', () => {
    const { stdout, status } = run(rendered('\n```bash\nset -e\nfalse\necho went on\n```', [1]));

    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  });

  test('gives each item its own environment and file', () => {
    const lines = [
      '- **env**: LABEL=n-{ITEM.n}, FIXED=1',
      '- **command**: `echo $DROVER_ITEM_KEY $DROVER_ITEM_INDEX $DROVER_ITEM_FIELD_N $LABEL $FIXED $(cat $DROVER_ITEM_FILE)`',
    ].join('\n');
    const task = rendered(lines, [{ n: 1 }, { n: 2 }]);

    const { stdout } = run(task);

    expect(stdout).toBe('k0 0 1 n-1 1 {"n":1}\nk1 1 2 n-2 1 {"n":2}\n');
    expect(task.env).toMatchObject({ FIXED: '1', DROVER_TASK: 'pack_batch_0001_0002' });
    expect(task.env).not.toHaveProperty('LABEL');
    expect(readFileSync(join(folder, 'item.1.json'), 'utf8')).toBe('{"n":2}');
  });

  test('requires and produces the files of all, each once', () => {
    const lines = '- **requires**: all.txt, {ITEM}.in\n- **produces**: {ITEM}.out\n- **command**: `true`';

    const task = rendered(lines, ['a', 'b']);

    expect(task).toMatchObject({ requires: ['all.txt', 'a.in', 'b.in'], produces: ['a.out', 'b.out'] });
    expect(task.itemJson).toBe('["a","b"]');
  });

  test('with a Python body runs it once per item', () => {
    const task = rendered('\n```python\nimport os\nprint(os.environ["DROVER_ITEM"])\n```', ['a', 'b']);

    expect(run(task).stdout).toBe('a\nb\n');
  });

  test('names the item that cannot be filled in', () => {
    const result = render('- **command**: `echo {ITEM.n}`', [{ n: 1 }, {}]);

    expect(result).toEqual({ kind: 'unrenderable', reason: 'item k1: the item has no field for {ITEM.n}' });
  });

  test('talks to one model', () => {
    const lines = '- **task_class**: llm\n- **model**: {ITEM}\n- **command**: `true`';

    expect(render(lines, ['demo', 'demo'])).toMatchObject({ task: { model: 'demo' } });
    expect(render(lines, ['demo', 'qwen'])).toEqual({
      kind: 'unrenderable',
      reason: 'the items of a group name different models: demo, qwen',
    });
  });
});
