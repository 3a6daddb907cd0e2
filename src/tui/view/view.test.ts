import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  after,
  dashboardOf,
  device,
  fact,
  instance,
  press,
  screenOf,
  screenWidths,
} from '../../../test/support/dashboard.ts';
import { paintLine } from '../line.ts';
import type { DashboardState } from '../state.ts';
import { viewOf } from './view.ts';

const herd = [
  instance('alpha', { slots: { busy: 1, total: 2 }, tokens_per_second: 41.26 }),
  instance('beta', { status: 'loading', health: 'loading', uptime_ms: null, needs_restart: true }),
  instance('gamma', { status: 'failed', health: 'error', pid: null, reason: 'exit code 1 before it was ready' }),
  instance('模型-🦙', { status: 'asleep', health: 'unknown', uptime_ms: null, pid: null }),
];

function titles(state: DashboardState): string[] {
  return (screenOf(state).find((line) => line.includes('NAME')) ?? '').trim().split(/\s+/);
}

describe('the screen', () => {
  test('at 100×30', () => {
    const facts = [fact(1, { type: 'model.registered', subject: 'model:demo' })];
    const { state } = after(dashboardOf(herd), { kind: 'facts-told', facts });

    const lines = screenOf(state).map((line) => line.trimEnd());

    expect(lines).toHaveLength(30);
    expect(lines.slice(0, 10)).toEqual([
      ' drover   1 of 4 ready, 1 broken   requests 1 running, 2 queued   http://127.0.0.1:8080   connected',
      `━ Instances ━ 4 ${'━'.repeat(84)}`,
      '  NAME      STATUS      HEALTH         PID   PORT  DEVICE  SLOTS   TOK/S  UPTIME  NOTE',
      '▸ alpha     ready       healthy       4321   8001  cpu       1/2    41.3   1m05s',
      '  beta      loading*    loading       4321   8001  cpu       0/2       -       -  needs restart',
      '  gamma     failed      error            -   8001  cpu       0/2       -   1m05s  exit code 1 befor…',
      '  模型-🦙   asleep      unknown          -   8001  cpu       0/2       -       -',
      `─ Devices ─ █ used  ▒ reserved ${'─'.repeat(69)}`,
      '  gpu0  A card of six   61°C  ████████▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░  1.5 used  3.0 reserved of  6.0 GiB',
      `─ Facts ─ UTC ${'─'.repeat(86)}`,
    ]);
    expect(lines[10]).toBe('  03:04:05  model demo  registered');
    expect(lines.at(-1)).toContain('h help  q quit');
  });

  test('at 80×24 the less important columns are gone and nothing wraps', () => {
    const state = dashboardOf(herd, { columns: 80, rows: 24 });

    expect(titles(state)).toEqual(['NAME', 'STATUS', 'HEALTH', 'PORT', 'SLOTS', 'TOK/S', 'UPTIME', 'NOTE']);
    expect(screenOf(state)).toHaveLength(24);
    expect(Math.max(...screenWidths(state))).toBeLessThanOrEqual(80);
  });

  test('at 160×40 every column is there, and facts stand beside the devices', () => {
    const state = dashboardOf(herd, { columns: 160, rows: 40 });

    expect(titles(state)).toHaveLength(12);
    expect(screenOf(state).some((line) => line.includes('Devices') && line.includes('Facts'))).toBe(true);
  });

  test('at 60×15 names and states are still whole', () => {
    const lines = screenOf(dashboardOf(herd, { columns: 60, rows: 15 }));

    expect(lines).toHaveLength(15);
    expect(lines.find((line) => line.includes('gamma'))).toMatch(/gamma +failed +error/);
  });

  test('a long name keeps its width before less important columns do', () => {
    const state = dashboardOf([instance('coder-of-the-day')], { columns: 80, rows: 24 });

    expect(screenOf(state).join('\n')).toContain('coder-of-the-day');
  });
});

describe('whatever happens', () => {
  const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 40 }));
  const sizes = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });

  test('the screen has its rows, no line is wider than it, and no control character is sent', () => {
    fc.assert(
      fc.property(names, names, sizes, fc.constantFrom('l', 'h', '/', 'R', 'tab'), (name, text, size, key) => {
        const odd = instance(name, { model: text, reason: text, tags: [text], health_detail: text });
        const start = dashboardOf([odd, ...herd], { ...size, devices: [device(text, { name })] });
        const { state } = after(
          start,
          ...press(key),
          { kind: 'facts-told', facts: [fact(1, { subject: `instance:${name}`, data: { reason: text } })] },
          { kind: 'log-read', name, stream: 'both', lines: [text, name] },
        );
        expect(screenOf(state)).toHaveLength(size.rows);
        expect(Math.max(...screenWidths(state))).toBeLessThanOrEqual(size.columns);
        expect(screenOf(state).join('')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is told', () => {
  test('a question, a filter, an error with its hint, and what goes on stand at the bottom', () => {
    const state = dashboardOf(herd);
    const bottom = (of: DashboardState): string =>
      screenOf(of)
        .slice(-2)
        .map((line) => line.trim())
        .join(' | ');
    const failed = {
      kind: 'action-failed',
      verb: 'start',
      name: 'alpha',
      message: 'port taken',
      hint: 'free it',
    } as const;

    expect(bottom(after(state, ...press('R')).state)).toBe('Restart alpha? 1 request runs on it. y/n | y yes  n no');
    expect(bottom(after(state, ...press('/', 'b', 'e')).state)).toMatch(/^\/be▏ {2}1 of 4 \| Enter keep/);
    expect(bottom(after(state, failed).state)).toBe('error: port taken | hint: free it');
    expect(bottom(after(state, ...press('j', 'u')).state)).toMatch(/^starting beta \(loading\) 0s \| h help/);
  });

  test('a daemon that is away is told in the header, and why at the bottom', () => {
    const { state } = after(dashboardOf(herd), {
      kind: 'disconnected',
      reason: 'no daemon answers at /run/drover.sock',
    });

    expect(screenOf(state)[0]?.trim()).toMatch(/disconnected, trying again$/);
    expect(screenOf(state).at(-2)?.trim()).toBe('no daemon answers at /run/drover.sock');
  });

  test('a daemon that does not answer is told after a while', () => {
    const state = dashboardOf(herd);

    expect(screenOf({ ...state, now: state.now + 7_000 })[0]?.trim()).toMatch(/no answer for 7s$/);
  });

  test('an empty house says what to do', () => {
    expect(screenOf(dashboardOf([])).join('\n')).toContain('drover init NAME --profile cpu -m demo');
    expect(screenOf(dashboardOf([], { devices: [] })).join('\n')).toContain('no agent is connected');
  });

  test('every notable thing has its mark, the urgent first', () => {
    const state = dashboardOf(
      [instance('a', { orphan: true, draining: true, ephemeral: true, pinned: true, restarts: 3, tags: ['x'] })],
      { columns: 200 },
    );

    expect(screenOf(state).join('\n')).toContain('orphan, draining, restarts 3, ephemeral, pinned, #x');
  });
});

test('without colours only weight is sent', () => {
  const painted = viewOf(dashboardOf(herd)).map((line) => paintLine(line, { colours: false }));

  expect(painted.join('\n')).toContain('failed');
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  expect(new Set(painted.join('\n').match(/\u001b\[[0-9;]*m/g))).toEqual(
    new Set(['\u001b[1m', '\u001b[2m', '\u001b[0m']),
  );
});
