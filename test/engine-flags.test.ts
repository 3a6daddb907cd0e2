/** The one table of engine flags against its page. */

import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { engineFlagsPage } from './support/engine-flags-page.ts';

const PAGE = resolve(import.meta.dirname, '../docs/engine-flags.md');

test('docs/engine-flags.md shows the table as it is (write it anew with vitest -u)', async () => {
  await expect(engineFlagsPage()).toMatchFileSnapshot(PAGE);
});
