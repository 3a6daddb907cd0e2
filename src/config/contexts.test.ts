/** The file of named controllers: what is written is read again, and what is wrong has its place. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { contextsText, loadContexts } from './contexts.ts';

const folder = mkdtempSync(join(tmpdir(), 'drover-contexts-'));
const file = join(folder, 'contexts.json');
afterAll(() => rmSync(folder, { recursive: true }));

test('what is written is read again; without a file there are none', () => {
  const contexts = {
    current: 'rig',
    named: [
      { name: 'rig', host: 'ssh://rig', keyFile: null },
      { name: 'lab', host: 'https://lab:8443', keyFile: '/keys/lab' },
    ],
  };

  expect(loadContexts(join(folder, 'none.json'))).toEqual({ current: null, named: [] });
  writeFileSync(file, contextsText(contexts));
  expect(loadContexts(file)).toEqual(contexts);
});

test.each([
  ['{', 'contexts.json'],
  ['{"current": 1}', 'current: must be a name'],
  ['{"contexts": {"local": {"host": "x:1"}}}', 'contexts.local: is no name'],
  ['{"contexts": {"rig": {}}}', 'contexts.rig.host: must be an address'],
  ['{"contexts": {"rig": {"host": "x:1", "key_file": 1}}}', 'contexts.rig.key_file: must be a path'],
])('%s is refused with its place', (text, message) => {
  writeFileSync(file, text);

  expect(() => loadContexts(file)).toThrow(message);
});
