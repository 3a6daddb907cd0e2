import { afterEach, beforeEach, expect, test } from 'vitest';

import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

test.each([
  ['rm -rf ~', 9],
  ['sudo -- rm -rf ~', 9],
  ['rm -rf "$HOME"', 9],
  ['rm -rf "$UNSET"/*', 9],
  ['rm -rf "$DROVER_HOME"', 9],
  ['rm -rf ./out', 0],
  ['rm -rf "$DROVER_BATCH_PATH/out"', 0],
])('drover policy check %j says what a task would hear', async (command, code) => {
  expect(await home.run(['policy', 'check', command], { env: { HOME: '/home/ann' } })).toMatchObject({ code });
});
