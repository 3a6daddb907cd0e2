/** The dashboard in a real terminal, on a real daemon with one embedded and two fake engines. */

import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { InstanceView } from '../../src/contract/index.ts';
import { textWidth } from '../../src/tui/text.ts';
import { isAlive, openHouse, ROOT } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { FAKE_ENGINE } from '../support/supervised-host.ts';
import { hasTmux, openTerminal, PROMPT } from '../support/terminal.ts';
import type { Terminal } from '../support/terminal.ts';

const NODE = process.execPath;
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const COLOUR = /\u001b\[[0-9;]*(?:3[1-7]|9[0-7])m/;
const DASHBOARD = `'${NODE}' bin/drover.js dashboard`;

/** `alpha` computes; `beta` takes long enough to load to be seen at it; `gamma` has a model with a wide name, and complains. */
async function furnish(house: House): Promise<void> {
  await house.drover('models', 'demo');
  for (const name of ['alpha', 'beta', 'gamma']) await house.drover('init', name, '--profile', 'cpu', '-m', 'demo');
  const wide = join(house.home, 'models', '模型.gguf');
  copyFileSync(join(house.home, 'models', 'demo.gguf'), wide);
  const engine = { kind: 'llama-server', path: FAKE_ENGINE };
  house.editConfig('alpha', (config) => ({ ...config, model: { id: 'demo', context_size: 512 } }));
  house.editConfig('beta', (config) => ({ ...config, engine, env: { FAKE_ENGINE_LOAD_MS: '2000' } }));
  house.editConfig('gamma', (config) => ({
    ...config,
    engine,
    model: { path: wide },
    env: { FAKE_ENGINE_LOG_LINES: '300' },
  }));
  expect(await house.drover('up', 'alpha', 'gamma')).toMatchObject({ code: 0 });
}

function openScreen(house: House): Terminal {
  return openTerminal(house.env, { cwd: ROOT, columns: 100, rows: 30 });
}

async function pidOf(house: House, name: string): Promise<number | null> {
  return (await house.json<InstanceView[]>('ps')).find((each) => each.name === name)?.pid ?? null;
}

describe.skipIf(!hasTmux)('the dashboard', () => {
  test('shows the herd, starts, restarts after a question, filters, shows a log, follows its size, and outlives the daemon', async () => {
    await using house = await openHouse({ DROVER_SIMULATE_RIG: '2x6144' });
    await furnish(house);
    await using terminal = openScreen(house);
    terminal.enter(DASHBOARD);

    const first = await terminal.shows(/▸ alpha +ready +healthy[^]+ beta +stopped[^]+ gamma +ready/);
    expect(first).toHaveLength(30);
    expect(first[0]).toMatch(/2 of 3 ready.*connected$/);
    expect(first.join('\n')).toMatch(/sim1 .* \d+°C .*█?▒*░+ .* of {2}6\.0 GiB/);
    expect(slotsColumn(first, 'gamma')).toBe(slotsColumn(first, 'alpha'));

    terminal.press('j', 'u');
    await terminal.shows(/starting beta/);
    await terminal.shows(/beta is ready on port \d+, pid \d+, after/);
    await terminal.shows(/beta +loading → ready on port \d+/);
    const before = await pidOf(house, 'beta');

    terminal.press('R');
    await terminal.shows('Restart beta? y/n');
    terminal.press('n');
    await terminal.shows(/▸ beta +ready/);
    expect(await pidOf(house, 'beta')).toBe(before);
    terminal.press('R');
    await terminal.shows('Restart beta? y/n');
    terminal.press('y');
    await terminal.shows(/restarting beta/);
    await terminal.shows(/beta is ready on port/);
    const restarted = await pidOf(house, 'beta');
    expect(restarted).not.toBe(before);
    await terminal.shows(new RegExp(`▸ beta +ready +healthy +${restarted} `));

    terminal.press('/', 'gam');
    const filtered = await terminal.shows(/1 of 3 match "gam"/);
    expect(filtered.filter((line) => /^[▸ ] \w+ +ready +healthy/.test(line))).toHaveLength(1);
    terminal.press('Enter', 'l');
    await terminal.shows(/Log of gamma . both, following[^]+line 299/);
    terminal.press('s');
    await terminal.shows(/Log of gamma . stderr, following[^]+line 299/);
    terminal.press('BTab', 'PPage');
    await terminal.shows(/stderr, \d+ newer below/);
    terminal.press('End');
    await terminal.shows('stderr, following');
    terminal.press('Escape');
    await terminal.shows(/Instances . 3 /);

    terminal.resize(80, 24);
    const small = await terminal.shows(/^ drover.*connected\n[^]*refresh$/);
    expect(small).toHaveLength(24);
    expect(small.filter((line) => line.includes('alpha') && line.includes('ready'))).toHaveLength(1);
    expect(small.find((line) => line.includes('NAME'))).toMatch(/NAME +STATUS +HEALTH .*PORT/);
    terminal.resize(100, 30);
    const large = await terminal.shows(/^(?:[^\n]*\n){29}[^\n]*r refresh$/);
    expect(large[1]).toHaveLength(100);

    await house.drover('daemon', 'stop');
    await terminal.shows('disconnected, trying again');
    terminal.press('d');
    await terminal.shows(/error: no daemon answers/);
    terminal.press('Escape');
    await house.drover('daemon', 'start');
    await terminal.shows(/3 of 3 ready.*[^s]connected/);
    await terminal.shows(/Log of gamma . stderr, following[^]+line 299/);

    terminal.press('d');
    await terminal.shows(/gamma is stopped, after/);
    terminal.press('q');
    await terminal.shows(new RegExp(`${DASHBOARD}\n${PROMPT}`));
    await expectGivenBack(terminal, 0);
  });

  test('gives the terminal back after Ctrl-C, SIGTERM and a crash; with NO_COLOR every state still has its word', async () => {
    await using house = await openHouse({ DROVER_SIMULATE_RIG: '2x6144' });
    await furnish(house);
    await using terminal = openScreen(house);

    const crash = join(house.home, 'crash.mjs');
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('made up') });\n");

    terminal.enter(`NO_COLOR=1 ${DASHBOARD}`);
    await terminal.shows(/▸ alpha +ready +healthy[^]+beta +stopped +unknown/);
    expect(terminal.lines({ styles: true }).join('\n')).not.toMatch(COLOUR);
    expect([terminal.state('alternate_on'), terminal.state('cursor_flag')]).toEqual(['1', '0']);
    terminal.press('h');
    await terminal.shows('any key closes this');
    terminal.press('C-c');
    await expectGivenBack(terminal, 130);

    terminal.enter(`clear; ${DASHBOARD}`);
    await terminal.shows(/▸ alpha +ready/);
    expect(terminal.lines({ styles: true }).join('\n')).toMatch(COLOUR);
    process.kill(terminal.childPid(), 'SIGTERM');
    await expectGivenBack(terminal, 130);

    terminal.enter(`clear; NODE_OPTIONS=--import=${crash} ${DASHBOARD}`);
    await terminal.shows(/▸ alpha +ready/);
    const crashing = terminal.childPid();
    process.kill(crashing, 'SIGUSR2');
    const shown = await terminal.shows('error INTERNAL made up');
    await expectGivenBack(terminal, 1);
    expect(shown.join('\n')).not.toContain('▸');
    expect(isAlive(crashing)).toBe(false);
  });
});

test('off a terminal it says so and names what programs can use', async () => {
  await using house = await openHouse();

  const ran = await house.drover('dashboard');

  expect(ran.code).toBe(2);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toMatch(/needs a terminal\nhint: .*drover ps --json/);
  expect(house.processes()).toEqual([]);
});

/** Where the slots of an instance stand, in cells. */
function slotsColumn(lines: readonly string[], name: string): number {
  const line = lines.find((each) => each.includes(` ${name} `)) ?? '';
  return textWidth(line.slice(0, line.search(/\d+\/\d+ /)));
}

/** The shell reads lines again, on its own screen, with a cursor; what ran ended with this code. */
async function expectGivenBack(terminal: Terminal, code: number): Promise<void> {
  await terminal.shows(new RegExp(`${PROMPT} *\n*$`));
  terminal.enter('echo "ended with $?"; stty -a | grep -o "[-]*icanon"; stty -a | grep -o "[-]*echo "');
  await terminal.shows(new RegExp(`ended with ${code}\nicanon\necho`));
  expect([terminal.state('alternate_on'), terminal.state('cursor_flag')]).toEqual(['0', '1']);
}
