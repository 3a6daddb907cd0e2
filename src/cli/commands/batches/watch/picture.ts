/** The lines of `drover watch`: batches, what runs, devices, in the room that there is. Pure. */

import { formatDuration } from '../../../../contract/durations.ts';
import type { DeviceView } from '../../../../contract/daemon.ts';
import type { BatchProgressView } from '../../../../contract/progress.ts';
import type { TaskView } from '../../../../contract/tasks.ts';
import { isoTime, parseTime } from '../../../../kernel/clock.ts';
import { counted } from '../../../../kernel/counted.ts';
import { renderDevices } from '../../../device-table.ts';
import { colourOf, doneOf, duration, orDash } from '../../../format.ts';
import type { Output } from '../../../output.ts';
import { cutTo, renderFitting } from '../../../table.ts';
import type { Column } from '../../../table.ts';
import { roundly } from './progress-line.ts';

interface RunningTask extends TaskView {
  readonly batch_id: string;
}

/** What is watched, as it was at one moment. */
export interface Watched {
  /** Epoch ms. */
  readonly now: number;
  /** Those that go on, then those that ended last. */
  readonly batches: readonly BatchProgressView[];
  /** Also those that are handed out and have not begun. */
  readonly running: readonly RunningTask[];
  readonly devices: readonly DeviceView[];
}

interface Room {
  readonly columns: number;
  /** Of tasks; the rest is counted. */
  readonly tasks: number;
}

type Paint = Output['paint'];

const BAR = 16;

export function watchLines(watched: Watched, room: Room, paint: Paint): string[] {
  const { batches, running, devices, now } = watched;
  const going = batches.filter(({ status }) => status === 'running' || status === 'paused').length;
  const busy = running.filter(({ status }) => status === 'running').length;
  const head = `${isoTime(now).slice(11, 19)} UTC   ${counted(going, 'batch', 'batches')} going, ${counted(busy, 'task')} running`;
  const sections = [
    paint('bold', cutTo(room.columns, head)),
    batches.length === 0
      ? 'no batch has been submitted yet'
      : renderFitting(batchColumns(paint), batches, room.columns),
    runningSection(running, room, now, paint),
    cutLines(renderDevices(devices, { columns: room.columns, now }), room.columns),
  ];
  return sections
    .filter((section) => section !== '')
    .join('\n\n')
    .split('\n')
    .flatMap((line, at, all) => (line === '' && (all[at - 1] ?? '') === '' ? [] : [line]));
}

function cutLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => cutTo(columns, line))
    .join('\n');
}

function batchColumns(paint: Paint): readonly Column<BatchProgressView>[] {
  return [
    { title: 'BATCH', cell: (batch) => batch.batch_id },
    { title: 'PLAN', cell: ({ plan }) => plan, cuttable: true },
    { title: 'STATUS', cell: ({ status }) => status, paint: ({ status }, text) => paint(colourOf(status), text) },
    { title: 'PROGRESS', cell: barOf, spare: 6 },
    { title: 'DONE', align: 'right', cell: ({ tasks }) => doneOf(tasks), spare: 1 },
    { title: 'FAILED', align: 'right', cell: ({ tasks }) => String(tasks.failed + tasks.aborted), spare: 2 },
    { title: 'RUNNING', align: 'right', cell: ({ tasks }) => String(tasks.running), spare: 3 },
    { title: 'FOR', align: 'right', cell: (batch) => duration(roundly(batch.elapsed_ms)), spare: 4 },
    {
      title: 'LEFT',
      align: 'right',
      cell: ({ eta_ms: eta }) => (eta === null ? '-' : duration(roundly(eta))),
      spare: 5,
    },
    { title: 'TOK/S', align: 'right', cell: (batch) => orDash(batch.tokens_per_second || null), spare: 7 },
  ];
}

/** `#` done, `x` failed, `-` cancelled, `>` running. Each failure is seen, however few they are among many. */
function barOf({ tasks }: BatchProgressView): string {
  const { total, reached, running } = extentOf(tasks);
  if (total === 0) return '';
  const cells = (amount: number): number => (amount === 0 ? 0 : Math.max(1, Math.floor((BAR * amount) / total)));
  const seen = [
    'x'.repeat(cells(tasks.failed + tasks.aborted)),
    '-'.repeat(cells(tasks.cancelled)),
    '>'.repeat(cells(running)),
  ].join('');
  const done = Math.max(0, Math.min(BAR - seen.length, Math.floor((BAR * reached) / total)));
  return `${'#'.repeat(done)}${seen}`.padEnd(BAR, '.').slice(0, BAR);
}

/** What the bar is the length of: all tasks, or what is wanted of a goal, of which what is on its way is no more than is lacking. */
function extentOf({ total, succeeded, skipped, running, goal }: BatchProgressView['tasks']) {
  if (!goal) return { total, reached: succeeded + skipped, running };
  const { target, accepted, rejected, tried } = goal;
  return { total: target, reached: accepted, running: Math.min(target - accepted, tried - accepted - rejected) };
}

function runningSection(running: readonly RunningTask[], room: Room, now: number, paint: Paint): string {
  if (running.length === 0) return '';
  const shown = running.slice(0, room.tasks);
  const more = running.length - shown.length;
  const table = renderFitting(taskColumns(now, paint), shown, room.columns);
  return `${table}${more > 0 ? cutTo(room.columns, `and ${more} more`) : ''}`;
}

function taskColumns(now: number, paint: Paint): readonly Column<RunningTask>[] {
  return [
    { title: 'TASK', cell: ({ id }) => id, cuttable: true },
    { title: 'BATCH', cell: (task) => task.batch_id, spare: 2 },
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      paint: ({ status }, text) => paint(colourOf(status), text),
      spare: 3,
    },
    { title: 'CLASS', cell: (task) => orDash(task.class), spare: 1 },
    { title: 'DEVICE', cell: ({ device }) => orDash(device) },
    { title: 'TRY', align: 'right', cell: ({ attempts }) => String(attempts), spare: 4 },
    { title: 'FOR', align: 'right', cell: (task) => sinceText(task.started_at, now) },
  ];
}

function sinceText(startedAt: string | null, now: number): string {
  const start = parseTime(startedAt ?? '');
  return start === null ? '-' : formatDuration(roundly(Math.max(0, now - start)));
}
