import { describe, expect, test } from 'vitest';

import { after, dashboardOf, fact, instance, NOW, picture, press } from '../../test/support/dashboard.ts';
import { selectedInstance, shownInstances } from './selection.ts';
import { MAX_FACTS, MAX_LOG_LINES } from './state.ts';

const three = [instance('alpha'), instance('beta', { status: 'failed' }), instance('gamma', { tags: ['night'] })];

describe('selection', () => {
  test('moves with arrows and letters, and stops at both ends', () => {
    const state = dashboardOf(three);

    expect(after(state, ...press('up')).state.selected).toBe('alpha');
    expect(after(state, ...press('down', 'j')).state.selected).toBe('gamma');
    expect(after(state, ...press('end', 'down', 'k')).state.selected).toBe('beta');
  });

  test('stays with its instance when others come, and goes to the neighbour when it is gone', () => {
    const onBeta = after(dashboardOf(three), ...press('j')).state;

    const more = after(onBeta, { kind: 'pictured', picture: picture([instance('aaa'), ...three]) }).state;
    const less = after(onBeta, { kind: 'pictured', picture: picture([instance('alpha'), instance('gamma')]) }).state;

    expect([more.selected, less.selected]).toEqual(['beta', 'gamma']);
  });

  test('an empty house has none, and the first instance that comes is it', () => {
    const empty = dashboardOf([]);

    const { state, effects } = after(empty, ...press('u', 'j', 'R'));

    expect(effects).toEqual([]);
    expect(state.notice?.text).toBe('no instance is selected');
    expect(after(empty, { kind: 'pictured', picture: picture(three) }).state.selected).toBe('alpha');
  });
});

describe('filter', () => {
  test('works while it is typed, in any order of words, over name, status and tags', () => {
    const found = (...keys: string[]): string[] =>
      shownInstances(after(dashboardOf(three), ...press('/', ...keys)).state).map(({ name }) => name);

    expect(found('a', 'l')).toEqual(['alpha']);
    expect(found(...'FAIL')).toEqual(['beta']);
    expect(found(...'night gam')).toEqual(['gamma']);
    expect(found(...'nothing')).toEqual([]);
  });

  test('keeps a selection that is shown; Enter keeps the filter, Esc clears it', () => {
    const typed = after(dashboardOf(three), ...press('/', 'b', 'e')).state;
    const kept = after(typed, ...press('enter')).state;

    expect(typed.selected).toBe('beta');
    expect([kept.mode.kind, kept.filter]).toEqual(['browse', 'be']);
    expect(after(typed, ...press('escape')).state.filter).toBe('');
    expect(after(kept, ...press('escape')).state.filter).toBe('');
    expect(after(typed, ...press('backspace', 'backspace', 'backspace')).state.filter).toBe('');
  });

  test('letters that are commands elsewhere are letters here', () => {
    const { state, effects } = after(dashboardOf(three), ...press('/', 'q', 'R', 'd'));

    expect([state.filter, effects]).toEqual(['qRd', []]);
  });
});

describe('actions', () => {
  test('restart asks, and only y does it', () => {
    const asked = after(dashboardOf(three), ...press('R'));
    const question = asked.state.mode.kind === 'confirm' ? asked.state.mode.question : '';

    expect([question, asked.effects]).toEqual(['Restart alpha?', []]);
    expect(after(asked.state, ...press('x', 'enter')).state.mode.kind).toBe('confirm');
    expect(after(asked.state, ...press('n')).effects).toEqual([]);
    expect(after(asked.state, ...press('y')).effects).toEqual([{ kind: 'act', verb: 'restart', name: 'alpha' }]);
  });

  test('what was asked about is acted on, though the selection has moved meanwhile', () => {
    const asked = after(dashboardOf(three), ...press('R')).state;

    const { effects } = after(asked, { kind: 'pictured', picture: picture([instance('beta')]) }, ...press('y'));

    expect(effects).toContainEqual({ kind: 'act', verb: 'restart', name: 'alpha' });
  });

  test('down asks only while requests run', () => {
    const idle = after(dashboardOf(three), ...press('d'));
    const busy = after(dashboardOf([instance('alpha', { slots: { busy: 2, total: 2 } })]), ...press('d'));

    expect(idle.effects).toEqual([{ kind: 'act', verb: 'stop', name: 'alpha' }]);
    expect(busy.effects).toEqual([]);
    expect(busy.state.mode).toMatchObject({ question: 'Stop alpha? 2 requests run on it.' });
  });

  test('the same action runs once at a time; another may overtake it', () => {
    const started = after(dashboardOf(three), ...press('u')).state;

    expect(after(started, ...press('u')).effects).toEqual([]);
    expect(after(started, ...press('u')).state.notice?.text).toBe('alpha is being started already');
    expect(after(started, ...press('d')).effects).toEqual([{ kind: 'act', verb: 'stop', name: 'alpha' }]);
  });

  test('what came of it is told, then forgotten', () => {
    const started = after(dashboardOf(three), ...press('u')).state;
    const told = after(started, {
      kind: 'action-failed',
      verb: 'start',
      name: 'alpha',
      message: 'port 8001 is taken',
      hint: 'stop nginx',
    });

    expect(told.state).toMatchObject({ actions: [], notice: { kind: 'error', hint: 'stop nginx' } });
    expect(told.effects).toEqual([{ kind: 'refresh' }]);
    expect(after(told.state, { kind: 'ticked', now: NOW + 30_000 }).state.notice).not.toBeNull();
    expect(after(told.state, { kind: 'ticked', now: NOW + 61_000 }).state.notice).toBeNull();
    expect(after(told.state, ...press('escape')).state.notice).toBeNull();
  });
});

describe('log', () => {
  test('follows the selection while it is open', () => {
    const { state, effects } = after(dashboardOf(three), ...press('l', 'j', 's', 'l'));

    expect(effects).toEqual([
      { kind: 'follow-log', name: 'alpha', stream: 'both' },
      { kind: 'follow-log', name: 'beta', stream: 'both' },
      { kind: 'follow-log', name: 'beta', stream: 'stderr' },
      { kind: 'leave-log' },
    ]);
    expect(state.log).toBeNull();
  });

  test('takes only lines of what is open, and not more than it may', () => {
    const open = after(dashboardOf(three), ...press('l')).state;
    const lines = Array.from({ length: MAX_LOG_LINES + 5 }, (_, at) => `line ${at}`);

    const { state } = after(
      open,
      { kind: 'log-read', name: 'alpha', stream: 'both', lines },
      { kind: 'log-read', name: 'beta', stream: 'both', lines: ['not mine'] },
    );

    expect(state.log?.lines).toHaveLength(MAX_LOG_LINES);
    expect(state.log?.lines.at(-1)).toBe(`line ${MAX_LOG_LINES + 4}`);
  });

  test('scrolled back it stands still while lines come; End follows again', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    const read = { kind: 'log-read', name: 'alpha', stream: 'both' } as const;
    const open = after(dashboardOf(three), ...press('l', 'back-tab'), { ...read, lines }).state;

    const back = after(open, ...press('page-up'), { ...read, lines: ['new', 'newer'] }).state;
    const before = after(open, ...press('page-up')).state;

    expect(open.focus).toBe('log');
    expect(back.scrolls.log).toBe(before.scrolls.log + 2);
    expect(after(back, ...press('end')).state.scrolls.log).toBe(0);
  });

  test('is read anew when the daemon is there again', () => {
    const open = after(dashboardOf(three), ...press('l')).state;

    const { state, effects } = after(
      open,
      { kind: 'log-ended', name: 'alpha', stream: 'both', reason: 'the connection broke' },
      { kind: 'disconnected', reason: 'no daemon answers' },
      { kind: 'pictured', picture: picture(three) },
    );

    expect(effects).toEqual([{ kind: 'follow-log', name: 'alpha', stream: 'both' }]);
    expect(state.log).toMatchObject({ ended: null, lines: [] });
  });
});

test('facts are kept up to a bound, the newest', () => {
  const facts = Array.from({ length: MAX_FACTS + 50 }, (_, at) => fact(at));

  const { state, effects } = after(dashboardOf(three), { kind: 'facts-told', facts });

  expect(state.facts).toHaveLength(MAX_FACTS);
  expect(state.facts.at(-1)?.seq).toBe(MAX_FACTS + 49);
  expect(effects).toEqual([{ kind: 'refresh' }]);
});

test('the help closes with any key but the moving ones, and q does not quit from it', () => {
  const low = after(dashboardOf(three, { rows: 12 }), ...press('h')).state;

  expect(after(low, ...press('down', 'down')).state.mode).toEqual({ kind: 'help', top: 2 });
  expect(after(low, ...press('q'))).toMatchObject({ state: { mode: { kind: 'browse' } }, effects: [] });
});

test('q quits, and Ctrl-C does wherever one is', () => {
  const confirming = after(dashboardOf(three), ...press('R')).state;

  expect(after(dashboardOf(three), ...press('q')).effects).toEqual([{ kind: 'quit', interrupted: false }]);
  expect(after(confirming, ...press('interrupt')).effects).toEqual([{ kind: 'quit', interrupted: true }]);
});

test('Tab goes round the panes that are shown', () => {
  const state = dashboardOf(three);

  const focuses = ['tab', 'tab', 'tab', 'back-tab'].map(
    (_, at, keys) => after(state, ...press(...keys.slice(0, at + 1))).state.focus,
  );

  expect(focuses).toEqual(['devices', 'facts', 'instances', 'facts']);
  expect(selectedInstance(after(state, ...press('tab', 'tab', 'down')).state)?.name).toBe('alpha');
});
