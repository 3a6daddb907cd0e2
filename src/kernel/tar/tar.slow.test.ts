import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { packFolder, unpackInto } from './index.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'tar-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const LIMITS = { maxBytes: 10_000_000, maxEntries: 100 };
const LONG = `${'long-'.repeat(30)}ü.txt`;

function sourceFolder(): string {
  const folder = join(home, 'from');
  mkdirSync(join(folder, 'scripts/deep'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'plan.md'), '# Plan: x\n');
  writeFileSync(join(folder, 'scripts/run.sh'), 'true');
  chmodSync(join(folder, 'scripts/run.sh'), 0o755);
  writeFileSync(join(folder, 'scripts/deep', LONG), Buffer.alloc(700_001, 7));
  writeFileSync(join(folder, 'nothing'), '');
  symlinkSync('/etc/passwd', join(folder, 'link'));
  return folder;
}

async function packed(folder: string, wanted?: (path: string) => boolean): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of packFolder(folder, wanted)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** In pieces of odd lengths, as a network has them. */
function streamOf(bytes: Buffer): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 7_777) pieces.push(bytes.subarray(at, at + 7_777));
  return Readable.from(pieces);
}

describe('a folder that is packed and unpacked', { timeout: 90_000 }, () => {
  test('is the same again, but for its links', async () => {
    const target = join(home, 'to');

    const found = await unpackInto(target, streamOf(await packed(sourceFolder())), LIMITS);

    expect(found).toEqual({ files: 4, bytes: 700_015 });
    expect(readFileSync(join(target, 'scripts/deep', LONG))).toEqual(Buffer.alloc(700_001, 7));
    expect(statSync(join(target, 'scripts/run.sh')).mode & 0o100).toBe(0o100);
    expect(existsSync(join(target, 'empty'))).toBe(true);
    expect(existsSync(join(target, 'link'))).toBe(false);
  });

  test('is what the tar of the system reads and writes', async () => {
    writeFileSync(join(home, 'ours.tar'), await packed(sourceFolder(), (path) => path !== 'empty'));
    mkdirSync(join(home, 'theirs'));
    execFileSync('tar', ['-xf', '../ours.tar'], { cwd: join(home, 'theirs') });
    execFileSync('tar', ['--format=posix', '-cf', '../back.tar', 'plan.md', 'scripts'], { cwd: join(home, 'theirs') });

    await unpackInto(join(home, 'to'), streamOf(readFileSync(join(home, 'back.tar'))), LIMITS);

    expect(readFileSync(join(home, 'to/scripts/deep', LONG))).toEqual(Buffer.alloc(700_001, 7));
    expect(existsSync(join(home, 'theirs/empty'))).toBe(false);
  });
});

describe('an archive is refused', () => {
  const systemTar = (...args: string[]): Buffer => execFileSync('tar', ['-cPf', '-', ...args], { cwd: sourceFolder() });

  test.each([
    ['with a link', ['link'], 'no links'],
    ['with a name that leads out', ['--transform=s,^,../,', 'plan.md'], 'leads out'],
    ['with an absolute name', ['--transform=s,^,/tmp/,', 'plan.md'], 'leads out'],
    ['with one name twice', ['plan.md', 'nothing', '--transform=s,nothing,plan.md,'], 'there already'],
  ])('%s', async (_title, args, why) => {
    await expect(unpackInto(join(home, 'to'), streamOf(systemTar(...args)), LIMITS)).rejects.toThrow(why);
  });

  test('that is cut off, too large, of too many files, or none', async () => {
    const whole = await packed(sourceFolder());
    const unpack = (bytes: Buffer, limits = LIMITS) =>
      unpackInto(mkdtempSync(join(home, 'to-')), streamOf(bytes), limits);

    await expect(unpack(whole.subarray(0, -2_000))).rejects.toThrow('cut off');
    await expect(unpack(whole, { ...LIMITS, maxBytes: 700_000 })).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    await expect(unpack(whole, { ...LIMITS, maxEntries: 3 })).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    await expect(unpack(Buffer.alloc(4_096, 65))).rejects.toThrow('no tar');
  });
});
