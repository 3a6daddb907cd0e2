/** Engines that lie behind a URL of their own and know the model by another name. */

import { expect, test } from 'vitest';

import { closedAfterEach } from '../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../test/support/synthetic-upstream.ts';
import { MirroredInstances } from './placing/instance-mirror.ts';

const opened = closedAfterEach();

test('a request goes below the path of the URL, with its key, under the name that the engine knows', async () => {
  const engine = opened(await startSyntheticUpstream());
  const rig = opened(await startGateway([{ name: 'far', port: engine.port }]));
  const url = `http://127.0.0.1:${engine.port}/tenant/a`;
  const elsewhere = {
    engine: 'remote',
    pid: null,
    port: null,
    url,
    upstreamModel: 'org/big-model',
    key: 'secret',
  } as const;
  rig.gateway.onInstance(report({ name: 'far', port: 1 }, elsewhere));

  const answer = await rig.post({ model: 'far', messages: [{ role: 'user', content: 'hé' }], seed: 7 });
  await answer.text();

  const [seen] = engine.stats().requests;
  expect(seen).toMatchObject({ path: '/tenant/a/v1/chat/completions', authorization: 'Bearer secret' });
  expect(JSON.parse(seen?.body ?? '')).toEqual({
    model: 'org/big-model',
    messages: [{ role: 'user', content: 'hé' }],
    seed: 7,
  });
});

test('a URL gives the origin to connect to, over TLS too, and the prefix of every path', () => {
  const mirror = new MirroredInstances();
  mirror.set(report({ name: 'far', port: 1 }, { url: 'https://models.example:8443/x', port: null }));
  mirror.set(report({ name: 'near', port: 1 }, { url: 'http://[::1]:8001' }));

  expect(mirror.address('far')).toMatchObject({ origin: 'https://models.example:8443', prefix: '/x' });
  expect(mirror.address('near')).toMatchObject({ origin: 'http://[::1]:8001', prefix: '' });
});
