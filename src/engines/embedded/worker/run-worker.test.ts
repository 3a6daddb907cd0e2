import { expect, test } from 'vitest';

import { freePort } from '../../../../test/support/free-port.ts';
import { systemClock } from '../../../kernel/index.ts';
import { parseWorkerOptions } from './options.ts';
import { runWorker } from './run-worker.ts';

test('a model that cannot be loaded leaves nothing that listens', async () => {
  const port = await freePort();
  const options = parseWorkerOptions(['--model', '/nowhere/none.gguf', '--port', String(port)], {
    key: undefined,
    callbackToken: undefined,
  });
  const deps = { clock: systemClock, build: 'test', log: () => {}, stop: new AbortController().signal };

  await expect(runWorker(options, deps)).rejects.toMatchObject({ code: 'ENGINE_START_FAILED' });

  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed');
});
