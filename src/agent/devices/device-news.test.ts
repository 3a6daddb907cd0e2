/** What a look at the devices sets in motion, and what the controller is told at once. */

import { expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import type { AgentFrame, DeviceReport, InstanceReport } from '../../contract/index.ts';
import { silentLog } from '../../kernel/index.ts';
import { createDeviceNews } from './device-news.ts';

const card = (change: Partial<DeviceReport> = {}): DeviceReport => ({
  ...cpuDevice(0),
  id: 'gpu0',
  kind: 'nvidia',
  ...change,
});

function host(instances: readonly Partial<InstanceReport>[] = []) {
  const sent: AgentFrame[] = [];
  const restarted: string[] = [];
  const distrusted = new Map<string, string>();
  const news = createDeviceNews({
    send: (frame) => void sent.push(frame),
    supervisor: {
      // Of a report only these are read.
      reports: () => instances as readonly InstanceReport[],
      async restart(name) {
        restarted.push(name);
        throw new Error('no other card');
      },
    },
    distrusted: () => distrusted,
    log: silentLog,
  });
  return { sent, restarted, distrusted, heed: (...reports: DeviceReport[]) => news.heed(reports) };
}

test('the controller is told at once of what it decides by, and not of readings', () => {
  const { sent, heed } = host();

  heed(card());
  heed(card({ temperatureC: 60, observedBytes: 1 }));
  heed(card({ taskReservedBytes: 5, reservedBytes: 5 }));
  heed(card({ condition: 'constrained', why: 'too hot' }));
  heed(card({ condition: 'constrained', why: 'too hot', reservedBytes: 7 }));

  expect(sent.map((frame) => 'devices' in frame && frame.devices[0]?.condition)).toEqual([
    'normal',
    'constrained',
    'constrained',
  ]);
});

test('instances on a card that was lost are started anew, once', () => {
  const { restarted, heed } = host([
    { name: 'there', devices: ['gpu0'], pid: 7 },
    { name: 'down', devices: ['gpu0'], pid: null },
    { name: 'elsewhere', devices: ['gpu1'], pid: 8 },
  ]);

  heed(card());
  heed(card({ condition: 'lost' }));
  heed(card({ condition: 'lost' }));

  expect(restarted).toEqual(['there']);
});

test('a doubt is told when it arises, and again when it arises again', () => {
  const { sent, distrusted, heed } = host();
  const doubts = (): number => sent.filter(({ kind }) => kind === 'distrust').length;

  distrusted.set('gpu0', 'it leaks');
  heed(card());
  heed(card());
  const first = doubts();
  distrusted.clear();
  heed(card());
  distrusted.set('gpu0', 'it leaks again');
  heed(card());

  expect([first, doubts()]).toEqual([1, 2]);
});
