/** The daemon lives among bad files: each is told, none takes it down, and the good one beside them goes on serving. */

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { InstanceView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

const VALID = (name: string) => ({ name, model: { id: 'demo' }, gpu: { backend: 'cpu' } });

const BAD_FILES: Readonly<Record<string, string | Buffer>> = {
  empty: '',
  cut: '{"name":"cut","model":',
  list: '[1,2,3]',
  bytes: Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]),
  utf16: Buffer.from(JSON.stringify(VALID('utf16')), 'utf16le'),
  twice: '{"name":"twice","name":"twice","model":{"id":"demo"}}',
  deep: `{"name":"deep","model":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  huge: JSON.stringify({ ...VALID('huge'), tags: ['x'.repeat(5_000_000)] }),
  wrong: JSON.stringify({ ...VALID('wrong'), server: { port: 'many', parallel: -1 }, env: 7 }),
  unknown: JSON.stringify({ ...VALID('unknown'), modle: 1 }),
  misnamed: JSON.stringify(VALID('somebody-else')),
  proto: '{"__proto__":{"name":"proto"},"model":{"id":"demo"}}',
};

function write(house: House, name: string, content: string | Buffer): void {
  const folder = join(house.home, 'instances', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), content);
}

async function serves(house: House, model: string): Promise<number> {
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 2, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.text();
  return answer.status;
}

function controllersOf(house: House): number {
  return house.processes().filter((pid) => commandOf(pid).includes('daemon/controller')).length;
}

/** Empty for a process that has ended since it was listed. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('bad config files are told one by one, and the good instance goes on serving', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  write(house, 'good', JSON.stringify(VALID('good')));
  expect((await house.drover('up', 'good')).code).toBe(0);
  const agent = house.pidOf('agent');

  for (const [name, content] of Object.entries(BAD_FILES)) write(house, name, content);
  mkdirSync(join(house.home, 'instances', 'folder', 'config.json'), { recursive: true });
  mkdirSync(join(house.home, 'instances', 'device'));
  symlinkSync('/dev/zero', join(house.home, 'instances', 'device', 'config.json'));
  const names = [...Object.keys(BAD_FILES), 'folder', 'device'];

  const ups = await Promise.all(names.map((name) => house.drover('up', name)));
  const listed = await house.json<InstanceView[]>('ps');
  const lint = await house.drover('config', 'lint', '--json');

  expect(ups.map(({ code }) => code)).toEqual(names.map(() => 4));
  expect(ups.filter(({ stderr }) => !stderr.includes('hint:') || /\n\s+at /.test(stderr))).toEqual([]);
  const told = listed.filter(({ name }) => names.includes(name));
  expect(told.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  expect(told.filter(({ reason }) => reason === null)).toEqual([]);
  const problems = JSON.parse(lint.stdout) as { file: string; message: string; hint: string | null }[];
  expect(names.filter((name) => !problems.some(({ file }) => file.includes(`/${name}/`)))).toEqual([]);
  expect(problems.filter(({ hint, message }) => hint === null || message === '')).toEqual([]);
  expect(await serves(house, 'good')).toBe(200);

  await house.kill('controller');
  expect((await house.drover('ps')).code).toBe(0);
  expect([await serves(house, 'good'), house.pidOf('agent')]).toEqual([200, agent]);
  // The agent and the command both started a controller: the one that came late goes by itself.
  await until(() => controllersOf(house) === 1);
});

test('an instance whose file is spoiled while it runs goes on serving, and is told', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  write(house, 'good', JSON.stringify(VALID('good')));
  await house.drover('up', 'good');

  write(house, 'good', '{"name": "good", "model": {"id": "demo"},}');
  const [view] = await house.json<InstanceView[]>('ps');
  const restart = await house.drover('restart', 'good');

  expect(view).toMatchObject({ status: 'ready', reason: expect.stringContaining('line 1, column 42') as string });
  expect(restart.code).toBe(4);
  expect(await serves(house, 'good')).toBe(200);
});

test('settings are changed while the daemon runs: at once where they can, and a bad file changes nothing', async () => {
  await using house = await openHouse();
  await house.drover('daemon', 'start');
  const pid = house.pidOf('controller');

  const live = await house.drover('config', 'set', 'queue_timeout', '7s');
  const later = await house.drover('config', 'set', 'port', '19299');
  writeFileSync(join(house.home, 'config.json'), '{"queue_timeout": "soon", "queue_timeout": 3}');
  process.kill(pid, 'SIGHUP');
  const status = await house.drover('daemon', 'status');

  expect(live.stdout).toBe('queue_timeout = 7s  (applied)\n');
  expect(later.stdout).toBe('port = 19299  (needs restart)\n');
  expect(status.code).toBe(0);
  expect(house.pidOf('controller')).toBe(pid);
  writeFileSync(join(house.home, 'config.json'), '{}');
});
