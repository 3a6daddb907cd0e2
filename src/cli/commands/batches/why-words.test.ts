import { describe, expect, test } from 'vitest';

import type { InstanceDetailView } from '../../../contract/instance-views.ts';
import type { RequestDetailView } from '../../../contract/requests.ts';
import { instanceReason, requestReason } from './why-words.ts';

function request(changes: Partial<RequestDetailView>): RequestDetailView {
  const times = { queue_ms: 2_000, first_byte_ms: null, duration_ms: 5_000, attempts: 1 };
  const place = { position: 0, starts_in_ms: null, placement: null, waking: null };
  const said = { state: 'queued', model: 'demo', instance: null, code: null, status: null };
  return { ...said, ...times, ...place, ...changes } as RequestDetailView; // what the sentence is made of
}

describe('a request', () => {
  test('that waits says since when, behind whom, until when, and what keeps it from each instance', () => {
    const placement = [
      { instance: 'alpha', verdict: 'no free slot' },
      { instance: 'beta', verdict: 'not ready' },
    ];

    expect(requestReason(request({ position: 3, starts_in_ms: 4_000, placement }))).toBe(
      'waits for a slot of "demo" since 2.0s, 2 before it; begins in about 4.0s (alpha: no free slot, beta: not ready)',
    );
    expect(requestReason(request({}))).toBe('waits for a slot of "demo" since 2.0s');
  });

  test('whose model is not loaded says who has the memory and how long yet, or that it comes', () => {
    const held = { doing: 'awaiting-room', instances: ['alpha', 'beta'], room_in_ms: 3_000 } as const;
    const said = (waking: RequestDetailView['waking']): string => requestReason(request({ waking })) ?? '';

    expect(said(held)).toContain('; its memory is held by alpha, beta, for 3.0s at least (swap_window)');
    expect(said({ ...held, room_in_ms: null })).toContain('held by alpha, beta, until one of them is idle');
    expect(said({ ...held, doing: 'making-room', instances: ['alpha'] })).toContain('; room is made for it by alpha');
    expect(said({ ...held, doing: 'loading' })).toContain('; it is being loaded');
  });

  test('that runs or has ended says where it is, or how it ended', () => {
    const on = { instance: 'alpha' };

    expect(requestReason(request({ ...on, state: 'dispatched', attempts: 2 }))).toBe(
      'alpha reads its prompt since 3.0s, in try 2; nothing has come yet',
    );
    expect(requestReason(request({ ...on, state: 'streaming', first_byte_ms: 2_500 }))).toContain('alpha answers it');
    expect(requestReason(request({ ...on, state: 'done' }))).toBe(
      'alpha answered it in 5.0s, 2.0s of them in the queue',
    );
    expect(requestReason(request({ state: 'expired', code: 'TIMEOUT', status: 504 }))).toBe(
      'TIMEOUT after 5.0s, told as HTTP 504',
    );
  });
});

describe('an instance', () => {
  const instance = (view: object, report: object | null = null, problems: object[] = []): InstanceDetailView =>
    ({
      view: { draining: false, health_detail: null, slots: { busy: 1, total: 2 }, ...view },
      report,
      problems,
    }) as unknown as InstanceDetailView; // what the sentence is made of

  test('says what it does, or what keeps it from serving', () => {
    const failure = { code: 'ENGINE_START_FAILED', message: 'it crashed three times', hint: 'run "drover logs a"' };

    expect(instanceReason(instance({ status: 'ready' }), 'closed')).toBe('it serves, 1 of 2 slots are taken');
    expect(instanceReason(instance({ name: 'a', status: 'ready' }), 'open')).toBe(
      'its calls fail: for 30 s others of its model are asked; run "drover logs a"',
    );
    expect(instanceReason(instance({ status: 'ready' }), 'half-open')).toContain('tried again');
    expect(instanceReason(instance({ status: 'failed' }, { failure }), 'closed')).toBe(
      'it crashed three times; run "drover logs a"',
    );
    expect(instanceReason(instance({ status: 'backoff' }, { failure, next_start_at: '12:00' }), 'closed')).toBe(
      'it crashed three times; run "drover logs a"; the next start is due at 12:00',
    );
    expect(instanceReason(instance({ status: 'stopped', desired: 'stopped' }), 'closed')).toBe(
      'it was stopped, or never started',
    );
    expect(instanceReason(instance({ status: 'stopped', desired: 'running' }, null, [failure]), 'closed')).toContain(
      'crashed',
    );
    expect(instanceReason(instance({ status: 'ready', draining: true }), 'closed')).toContain('takes nothing new');
  });
});
