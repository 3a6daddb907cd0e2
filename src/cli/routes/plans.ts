/** Routes of the commands on batches and tasks. */

import { buildCommand, buildRouteMap } from '@stricli/core';

import { BATCH_STATUSES, TASK_CLASSES, TASK_STATES } from '../../contract/words.ts';
import { parsePriority } from '../commands/batches/priority.ts';
import {
  count,
  followFlag,
  jsonFlag,
  list,
  listOfWords,
  oneArgument,
  oneOfWords,
  switchFlag,
  text,
  valueFlag,
  wholeNumber,
} from '../flags.ts';
import { planArgument, valueFlags } from './plan-flags.ts';

const batchArgument = oneArgument('Id of the batch', 'ID');

/** How many tasks are listed. */
const lengthFlags = {
  limit: valueFlag(count, 'Only the first N; else 100, with --json all', 'N'),
  all: switchFlag('All tasks, however many'),
  json: jsonFlag,
};

const taskArgument = oneArgument('Batch and task in one', 'BATCH/TASK');

export const submit = buildCommand({
  loader: async () => (await import('../commands/batches/submit.ts')).submit,
  parameters: {
    flags: {
      ...valueFlags,
      priority: valueFlag(parsePriority, 'low, normal, high, urgent or 0 to 100', 'P'),
      idempotencyKey: valueFlag(text, 'The same key gives the same batch', 'K'),
      wait: switchFlag('Follow the batch to its end'),
      upload: switchFlag('Send the folder, also where the controller sees this disk'),
      json: jsonFlag,
    },
    positional: planArgument,
  },
  docs: {
    brief: 'Run a plan as a new batch',
    fullDescription: `Run a plan as a new batch and print its id; with --wait follow it to its end. A controller on another
machine gets a copy of the folder.

Examples:
  drover submit examples/plans/library
  drover submit library --set SOURCES=docs --wait --json

Exit codes: 0 accepted (with --wait: succeeded), 1 the batch failed, 2 usage, 3 no such plan, 4 plan invalid.`,
  },
});

export const batch = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/batches/batch.ts')).ls,
      parameters: {
        flags: {
          plan: valueFlag(text, 'Of the plan of this name', 'NAME'),
          status: valueFlag(listOfWords(...BATCH_STATUSES), 'Statuses, with commas', 'STATUS,…'),
          limit: valueFlag(count, 'Only the newest N', 'N'),
          json: jsonFlag,
        },
      },
      docs: {
        brief: 'List batches',
        fullDescription: `List batches, the newest first.

Example:
  drover batch ls --plan library --status failed --limit 10`,
      },
    }),
    show: buildCommand({
      loader: async () => (await import('../commands/batches/batch.ts')).show,
      parameters: { flags: lengthFlags, positional: batchArgument },
      docs: {
        brief: 'Show a batch and its tasks',
        fullDescription: `Show a batch and its tasks, in the order of the plan: the first 100, or as many as is said.

Examples:
  drover batch show 20260221_101500_ab12cd
  drover batch show 20260221_101500_ab12cd --limit 500`,
      },
    }),
    watch: buildCommand({
      loader: async () => (await import('../commands/batches/batch.ts')).watch,
      parameters: { flags: { json: jsonFlag }, positional: batchArgument },
      docs: { brief: 'Follow a batch to its end; Ctrl-C only detaches' },
    }),
    kill: buildCommand({
      loader: async () => (await import('../commands/batches/batch.ts')).kill,
      parameters: { flags: { json: jsonFlag }, positional: batchArgument },
      docs: {
        brief: 'Cancel a batch and everything of it that runs',
        fullDescription: `Cancel a batch and everything of it that runs, and nothing of others. It stays so, also after a restart,
until "batch resume" runs what has not succeeded.

Example:
  drover batch kill 20260221_101500_ab12cd`,
      },
    }),
    pause: buildCommand({
      loader: async () => (await import('../commands/batches/batch-course.ts')).pause,
      parameters: { flags: { json: jsonFlag }, positional: batchArgument },
      docs: { brief: 'Start nothing new of a batch; what runs goes on' },
    }),
    resume: buildCommand({
      loader: async () => (await import('../commands/batches/batch-course.ts')).resume,
      parameters: { flags: { json: jsonFlag }, positional: batchArgument },
      docs: {
        brief: 'Lift a pause; or run again what has not succeeded',
        fullDescription: `Lift a pause. Of a batch that failed or was killed, run again in it what has not succeeded, and nothing else.

Example:
  drover batch resume 20260221_101500_ab12cd

Exit codes: 0 done, 3 no such batch, 5 nothing of it is left to run.`,
      },
    }),
    retry: buildCommand({
      loader: async () => (await import('../commands/batches/batch-course.ts')).retry,
      parameters: {
        flags: {
          failed: switchFlag('Tasks that failed; the default'),
          from: valueFlag(text, 'This task; of a foreach all its items', 'TASK'),
          items: valueFlag(list, 'Items with these keys, with commas', 'KEY,…'),
          json: jsonFlag,
        },
        positional: batchArgument,
      },
      docs: {
        brief: 'Run ended tasks again, with all that depends on them',
        fullDescription: `Run ended tasks of a batch again in it, with all that depends on them. Lists that were read stay as they are.

Examples:
  drover batch retry 20260221_101500_ab12cd
  drover batch retry 20260221_101500_ab12cd --from transcribe
  drover batch retry 20260221_101500_ab12cd --items clip7,clip9

Exit codes: 0 done, 3 no such batch or task, 5 nothing of that to run again.`,
      },
    }),
    export: buildCommand({
      loader: async () => (await import('../commands/batches/batch-export.ts')).exportBatch,
      parameters: {
        flags: { json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Id of the batch', placeholder: 'ID', parse: text },
            { brief: 'Folder to make', placeholder: 'DIR', parse: text },
          ],
        },
      },
      docs: {
        brief: 'Bring the folder of a batch here',
        fullDescription: `Bring the folder of a batch here: results, output, logs, summaries. Also from another machine.

Example:
  drover batch export 20260221_101500_ab12cd ./results`,
      },
    }),
    summary: buildCommand({
      loader: async () => (await import('../commands/batches/batch.ts')).summary,
      parameters: { flags: { json: jsonFlag }, positional: batchArgument },
      docs: {
        brief: 'Print the summary of a batch',
        fullDescription: `Print RUN_SUMMARY.md, or with --json RUN_SUMMARY.json; of a batch that still runs as it is now.

Examples:
  drover batch summary 20260221_101500_ab12cd
  drover batch summary 20260221_101500_ab12cd --json | jq .success_rate

Exit codes: 0 done, 3 no such batch.`,
      },
    }),
  },
  docs: { brief: 'Look at executions of plans' },
});

export const why = buildCommand({
  loader: async () => (await import('../commands/batches/why.ts')).why,
  parameters: {
    flags: { json: jsonFlag },
    positional: oneArgument('BATCH/TASK, the id of a request, or the name of an instance', 'NAME'),
  },
  docs: {
    brief: 'Say why a task, a request or an instance is as it is',
    fullDescription: `Say in one sentence why something is as it is. A task: what it waits for, how it failed, why it was not run or
ran again. A request: its place in the queue and what was said of each instance, or how it ended. An instance:
why it does not serve. Exit code 3 when there is nothing of the name.

Examples:
  drover why 20260221_101500_ab12cd/count
  drover why req_4kz81m3n5p7q9r2t6v0x
  drover why chat`,
  },
});

export const task = buildRouteMap({
  routes: {
    ls: buildCommand({
      loader: async () => (await import('../commands/batches/task.ts')).ls,
      parameters: {
        flags: {
          batch: valueFlag(text, 'Of this batch; else of all that run', 'ID'),
          state: valueFlag(listOfWords(...TASK_STATES), 'States, with commas', 'STATE,…'),
          class: valueFlag(listOfWords(...TASK_CLASSES), 'Classes, with commas', 'CLASS,…'),
          ...lengthFlags,
        },
      },
      docs: {
        brief: 'List tasks',
        fullDescription: `List tasks of one batch, or of all that run: the first 100, or as many as is said.

Examples:
  drover task ls --batch 20260221_101500_ab12cd --state failed,aborted
  drover task ls --all`,
      },
    }),
    show: buildCommand({
      loader: async () => (await import('../commands/batches/task.ts')).show,
      parameters: {
        flags: { attempt: valueFlag(count, 'This attempt alone; else all', 'N'), json: jsonFlag },
        positional: taskArgument,
      },
      docs: {
        brief: 'Show a task and its attempts',
        fullDescription: `Show a task with its command, and its attempts with the folders of their logs.

Example:
  drover task show 20260221_101500_ab12cd/count`,
      },
    }),
    logs: buildCommand({
      loader: async () => (await import('../commands/batches/task.ts')).logs,
      parameters: {
        flags: {
          attempt: valueFlag(count, 'Which attempt; else the last', 'N'),
          tail: valueFlag(wholeNumber, 'Only the last N lines', 'N'),
          follow: followFlag,
          stdout: switchFlag('Only what went to stdout'),
          stderr: switchFlag('Only what went to stderr'),
          both: switchFlag('Both, which is the default'),
        },
        aliases: { f: 'follow', n: 'tail' },
        positional: taskArgument,
      },
      docs: {
        brief: 'Print what a task has written',
        fullDescription: `Print what a task has written.

Example:
  drover task logs 20260221_101500_ab12cd/count --stderr`,
      },
    }),
    signal: buildCommand({
      loader: async () => (await import('../commands/batches/task.ts')).signal,
      parameters: {
        flags: { json: jsonFlag },
        positional: {
          kind: 'tuple',
          parameters: [
            { brief: 'Batch and task in one', placeholder: 'BATCH/TASK', parse: text },
            { brief: 'stop, abort or kill', placeholder: 'SIGNAL', parse: oneOfWords('stop', 'abort', 'kill') },
          ],
        },
      },
      docs: {
        brief: 'End one task: stop, abort or kill',
        fullDescription: `End one task and nothing else of its batch. stop: what runs finishes, and there is no further try. abort: SIGTERM to
all its processes, SIGKILL after 5 s. kill: SIGKILL. A task that does not run is cancelled at once.

Example:
  drover task signal 20260221_101500_ab12cd/count abort`,
      },
    }),
  },
  docs: { brief: 'Look at the tasks of batches' },
});
