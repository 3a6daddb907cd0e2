import { expect, test } from 'vitest';

import { report } from '../../../test/support/gateway-rig.ts';
import { silentLog } from '../../kernel/index.ts';
import { createInstanceMirror } from './instance-mirror.ts';
import type { InstanceEvent } from './instance-mirror.ts';

const alpha = report({ name: 'alpha', port: 1 });
const beta = report({ name: 'beta', port: 2 });

function rig() {
  const mirror = createInstanceMirror(silentLog);
  const gone: string[] = [];
  mirror.events.subscribe((event: InstanceEvent) => event.kind === 'gone' && gone.push(event.name));
  return { mirror, gone, names: () => [...mirror.reports.keys()] };
}

test('what the hello of an agent does not name is gone from its host', () => {
  const { mirror, gone, names } = rig();
  mirror.replace('here', [alpha, beta]);

  mirror.replace('here', [beta]);

  expect(names()).toEqual(['beta']);
  expect(gone).toEqual(['alpha']);
});

test('the hello of a second agent leaves the instances of the first alone', () => {
  const { mirror, gone, names } = rig();
  mirror.replace('here', [alpha]);

  mirror.replace('there', [beta]);
  mirror.replace('there', []);

  expect(names()).toEqual(['alpha']);
  expect(gone).toEqual(['beta']);
});

test('a host that has lost an instance to another says nothing about it any more', () => {
  const { mirror, gone, names } = rig();
  mirror.report('here', alpha, { adopted: false });
  mirror.report('there', alpha, { adopted: true });

  mirror.gone('here', 'alpha');
  mirror.replace('here', []);

  expect(names()).toEqual(['alpha']);
  expect(gone).toEqual([]);
});
