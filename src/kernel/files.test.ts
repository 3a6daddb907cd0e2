import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { closeToOthers, ensurePrivateFile, makeFolder, writeFileAtomic } from './files.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'files-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('a folder is made with those above it, and may be there already', () => {
  const folder = join(home, 'a/b/c');

  makeFolder(folder, 0o700);
  makeFolder(folder, 0o700);

  expect(statSync(join(home, 'a')).mode & 0o777).toBe(0o700);
  expect(existsSync(folder)).toBe(true);
});

test('a folder in the place of a file, or below one, is refused', () => {
  writeFileSync(join(home, 'file'), '');

  expect(() => makeFolder(join(home, 'file'))).toThrow(/no folder can be made at .*: something else is there/);
  expect(() => makeFolder(join(home, 'file/below'))).toThrow(/no folder can be made at .*: there can be none/);
});

test.runIf(existsSync('/proc/self'))('a folder below /proc is refused, and not tried for ever', () => {
  expect(() => makeFolder('/proc/none/deep/er')).toThrow('no folder can be made at /proc/none');
});

test('what others could read is closed to them, and a log is made as a file of its owner alone', () => {
  const mode = (path: string): number => statSync(path).mode & 0o777;
  const [old, fresh] = [join(home, 'old.log'), join(home, 'fresh.log')];
  writeFileSync(old, 'kept', { mode: 0o644 });
  chmodSync(home, 0o755);

  for (const path of [old, fresh]) ensurePrivateFile(path);
  closeToOthers(home);

  expect([mode(old), mode(fresh), mode(home), statSync(old).size]).toEqual([0o600, 0o600, 0o700, 4]);
});

test.runIf(existsSync('/dev/null'))('a device in the place of a log is left alone', () => {
  const before = statSync('/dev/null').mode;

  ensurePrivateFile('/dev/null');

  expect(statSync('/dev/null').mode).toBe(before);
});

test.runIf(existsSync('/dev/full'))(
  'a file for which the disk has no room is named, and nothing is left beside it',
  () => {
    const path = join(home, 'config.json');
    writeFileSync(path, 'old');
    symlinkSync('/dev/full', `${path}.${process.pid}.tmp`);

    expect(() => writeFileAtomic(path, 'new')).toThrow(
      expect.objectContaining({ code: 'ENOSPC', message: expect.stringContaining(`'${path}'`) }),
    );

    expect(readdirSync(home)).toEqual(['config.json']);
  },
);
