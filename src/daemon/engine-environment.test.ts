import { expect, test } from 'vitest';

import type { LiveSettings, Settings } from '../config/index.ts';
import { engineEnvironment } from './engine-environment.ts';

test('an engine that starts is told of the setting as it is then', () => {
  const listeners: ((settings: Settings) => void)[] = [];
  const settingsOf = (offline: boolean) => ({ offline }) as Settings;
  const live: Pick<LiveSettings, 'current' | 'onChange'> = {
    current: () => settingsOf(false),
    onChange: (listener) => void listeners.push(listener),
  };
  const environment = engineEnvironment(live, { PATH: '/bin', HF_HUB_OFFLINE: '0' });

  const before = { ...environment };
  listeners.forEach((tell) => tell(settingsOf(true)));
  const offline = { ...environment };
  listeners.forEach((tell) => tell(settingsOf(false)));

  expect(before).toMatchObject({ PATH: '/bin', HF_HUB_OFFLINE: '0', DROVER_OFFLINE: undefined });
  expect(offline).toMatchObject({ PATH: '/bin', HF_HUB_OFFLINE: '1', DROVER_OFFLINE: '1', LLAMA_OFFLINE: '1' });
  expect(environment).toEqual(before);
});
