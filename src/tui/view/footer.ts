/** The last lines of the screen: what goes on or came of it, and what the keys do. Pure. */

import type { InstanceView } from '../../contract/instance-views.ts';
import { DOING } from '../actions.ts';
import { footerRows } from '../layout.ts';
import { joinFitting } from '../line.ts';
import type { Line } from '../line.ts';
import { selectedInstance, shownInstances } from '../selection.ts';
import type { DashboardState, Notice, RunningAction } from '../state.ts';
import { neutralise } from '../text.ts';
import { STATUS_TONES } from '../tones.ts';
import { formatAge } from './columns.ts';
import { marksOf } from './marks.ts';

export function footerLines(state: DashboardState, width: number): readonly Line[] {
  const lines = [statusLine(state), hintLine(state, width)];
  const rule: Line = [{ text: '─'.repeat(width), tone: 'grey' }];
  return footerRows(state.size) > lines.length ? [rule, ...lines] : lines;
}

function statusLine(state: DashboardState): Line {
  const { mode, notice, actions } = state;
  if (mode.kind === 'confirm') return [{ text: ` ${neutralise(mode.question)} y/n`, tone: 'yellow', bold: true }];
  if (mode.kind === 'filter') return filterLine(state);
  if (notice && actions.length === 0) return noticeLine(notice);
  if (actions.length > 0) return [{ text: ' ' }, ...actions.flatMap((action, at) => actionSpans(state, action, at))];
  if (state.link.kind === 'disconnected') return [{ text: ` ${neutralise(state.link.reason)}`, tone: 'red' }];
  const selected = selectedInstance(state);
  return selected ? selectedLine(selected) : [];
}

function filterLine(state: DashboardState): Line {
  return [
    { text: ` /${neutralise(state.filter)}▏`, bold: true },
    { text: `  ${shownInstances(state).length} of ${state.picture.instances.length}`, tone: 'grey' },
  ];
}

function noticeLine({ kind, text }: Notice): Line {
  const tone = { done: 'green', note: 'yellow', error: 'red' } as const;
  const word = kind === 'error' ? 'error: ' : '';
  return [{ text: ` ${word}${neutralise(text)}`, tone: tone[kind], bold: kind === 'error' }];
}

function actionSpans(state: DashboardState, { verb, name, since }: RunningAction, at: number): Line {
  const status = state.picture.instances.find((each) => each.name === name)?.status;
  const age = formatAge(Math.max(0, state.now - since));
  const text = `${DOING[verb]} ${name}${status ? ` (${status})` : ''} ${age}`;
  return [{ text: at === 0 ? '' : '   ' }, { text: neutralise(text), tone: 'yellow' }];
}

function selectedLine(instance: InstanceView): Line {
  const { name, status, health_detail: detail, engine, model } = instance;
  const more = [`${engine}, ${model}`, ...(detail === null ? [] : [detail]), marksOf(instance)].filter(Boolean);
  return [
    { text: ` ${neutralise(name)} ` },
    { text: status, tone: STATUS_TONES[status] },
    { text: `  ${neutralise(more.join('  '))}`, tone: 'grey' },
  ];
}

const HINTS = [
  ['h', 'help'],
  ['q', 'quit'],
  ['u', 'up'],
  ['d', 'down'],
  ['R', 'restart'],
  ['l', 'logs'],
  ['/', 'filter'],
  ['Tab', 'pane'],
  ['r', 'refresh'],
] as const;

function hintLine({ mode, notice, actions }: DashboardState, width: number): Line {
  if (mode.kind === 'confirm')
    return hints(
      [
        ['y', 'yes'],
        ['n', 'no'],
      ],
      width,
    );
  if (mode.kind === 'filter')
    return hints(
      [
        ['Enter', 'keep'],
        ['Esc', 'clear'],
      ],
      width,
    );
  if (notice?.hint && actions.length === 0) return [{ text: ` hint: ${neutralise(notice.hint)}`, tone: 'yellow' }];
  return hints(HINTS, width);
}

function hints(pairs: readonly (readonly [key: string, what: string])[], width: number): Line {
  const parts = pairs.map(([key, what]): Line => [
    { text: key, bold: true },
    { text: ` ${what}`, tone: 'grey' },
  ]);
  return [{ text: ' ' }, ...joinFitting(parts, '  ', width - 1)];
}
