import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { AppError } from '../../contract/index.ts';
import { createInstanceConfigs } from './instance-configs.ts';

const homes: string[] = [];

afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

function configsOf(text: string) {
  const home = mkdtempSync(join(tmpdir(), 'drover-configs-'));
  homes.push(home);
  mkdirSync(join(home, 'instances/chat'), { recursive: true });
  writeFileSync(join(home, 'instances/chat/config.json'), text);
  return createInstanceConfigs({
    home,
    specs: {
      resolve: async () => {
        throw new AppError('PORT_TAKEN', 'port 8001 is taken', { hint: 'stop it', detail: { problems: [] } });
      },
    },
    views: { reportOf: () => null },
  });
}

test('what the world has against a config says how the config is edited, beside its own hint', async () => {
  const configs = configsOf('{"name": "chat", "model": {"id": "demo"}}');

  const refused = configs.resolve('chat', null);

  await expect(refused).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: 'port 8001 is taken',
    hint: 'stop it ("drover edit chat")',
    detail: { problems: [] },
  });
});

test('a config that cannot be read says how it is edited', async () => {
  const configs = configsOf('{"name": "chat", "model": {"id": "demo"}, "modle": 1}');

  const refused = configs.resolve('chat', null);

  await expect(refused).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    hint: 'did you mean "model"? ("drover edit chat")',
  });
});
