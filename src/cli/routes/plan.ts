/** Routes of `drover plan …`: writing, checking, drawing and finding plans. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { count, jsonFlag, oneArgument, switchFlag, text, valueFlag } from '../flags.ts';
import { planArgument, planArguments, valueFlags } from './plan-flags.ts';

const graphFlags = {
  svg: switchFlag('As SVG'),
  mermaid: switchFlag('As Mermaid, which is the default'),
  out: valueFlag(text, 'Into this file; .svg means --svg', 'FILE'),
} as const;

export const plan = buildRouteMap({
  routes: {
    new: buildCommand({
      loader: async () => (await import('../commands/plans/plan-new.ts')).create,
      parameters: {
        flags: { template: valueFlag(text, 'shell (default), llm or goal', 'NAME') },
        positional: oneArgument('Folder to make', 'FOLDER'),
      },
      docs: {
        brief: 'Write a first plan',
        fullDescription: `Write a first plan that can be run as it is.

Example:
  drover plan new sayings --template llm`,
      },
    }),
    lint: buildCommand({
      loader: async () => (await import('../commands/plans/plan-lint.ts')).lint,
      parameters: {
        flags: { json: jsonFlag, sarif: switchFlag('Print a SARIF 2.1.0 log, and nothing else, on stdout') },
        positional: planArguments,
      },
      docs: {
        brief: 'Check plans: exit 0 without errors, 4 with',
        fullDescription: `Check plans without running them: line, column, caret, help. Exit 0 without errors, 4 if any has one,
else 3 if something named is no plan.

Examples:
  drover plan lint examples/plans/library
  drover plan lint plans/*
  drover plan lint plans/* --sarif > plans.sarif`,
      },
    }),
    fmt: buildCommand({
      loader: async () => (await import('../commands/plans/plan.ts')).fmt,
      parameters: {
        flags: {
          check: switchFlag('Write nothing; exit 1 when one would change'),
          stdout: switchFlag('Print it, and leave the file as it is'),
        },
        positional: planArguments,
      },
      docs: {
        brief: 'Write plans in their canonical form',
        fullDescription: `Write plans in their canonical form. Near misses of the grammar are mended (star bullets, plain
fields, "### Task: x", JSON arrays); what a plan means stays the same.

Examples:
  drover plan fmt examples/plans/library
  drover plan fmt plans/* --check`,
      },
    }),
    graph: buildCommand({
      loader: async () => (await import('../commands/plans/plan-graph.ts')).graph,
      parameters: { flags: graphFlags, positional: planArgument },
      docs: {
        brief: 'Draw the tasks of a plan and what they wait for',
        fullDescription: `Draw the tasks of a plan and what they wait for. A foreach is one box.

Examples:
  drover plan graph library --out library.svg
  drover plan graph library --mermaid`,
      },
    }),
    schema: buildCommand({
      loader: async () => (await import('../commands/plans/plan-schema.ts')).schema,
      parameters: { flags: { fields: switchFlag('Of the fields of a task instead') } },
      docs: {
        brief: 'Print the JSON Schema of a compiled plan, or of the fields of a task',
        fullDescription: `Print the JSON Schema of a compiled plan: what "plan lint" has accepted, as the brain reads it.
With --fields: of the fields of a task, by the names they have in plan.md.

Example:
  drover plan schema --fields`,
      },
    }),
    dryRun: buildCommand({
      loader: async () => (await import('../commands/plans/plan.ts')).dryRun,
      parameters: { flags: { ...valueFlags, json: jsonFlag }, positional: planArgument },
      docs: {
        brief: 'Print every task with its command, running nothing',
        fullDescription: `Print every task that a batch would have, with its command after substitution. Writes nothing.

Example:
  drover plan dry-run examples/plans/library --set SOURCES=docs`,
      },
    }),
    history: buildCommand({
      loader: async () => (await import('../commands/plans/plan-history.ts')).history,
      parameters: {
        flags: { limit: valueFlag(count, 'Only the newest N runs; 100', 'N'), json: jsonFlag },
        positional: oneArgument('Name of the plan, or of its folder', 'NAME'),
      },
      docs: {
        brief: 'Show what the runs of a plan came to',
        fullDescription: `Show the runs of a plan that have ended, and what they came to together: success rate, medians,
steps, and whether it becomes slower. Runs whose files were trimmed count as well.

Example:
  drover plan history library`,
      },
    }),
    ls: buildCommand({
      loader: async () => (await import('../commands/plans/plan.ts')).ls,
      parameters: { flags: { json: jsonFlag } },
      docs: { brief: 'List the plans that have a name here' },
    }),
  },
  docs: { brief: 'Write and check plans' },
});
