/** `docs/engine-flags.md`, written from the one table of engine flags. */

import { ENGINE_FLAG_IDS, ENGINE_FLAGS } from '../../src/contract/engine-flags.ts';

const HEAD = `# Fields of a config and the flags they become

Written from \`src/contract/engine-flags.ts\` by \`npx vitest run test/engine-flags.test.ts -u\`; a test compares them, and
another one compares the table with the \`--help\` of a real llama-server.

The first spelling is written, unless the program at hand knows only another one. \`drover init --import\` reads every
spelling, and the variable. Raw \`engine.args\` and \`args\` come after all of these, so that they win. The key travels
in the environment, never on a command line.

| field | flag | variable | engines | what it says |
|---|---|---|---|---|
`;

export function engineFlagsPage(): string {
  return HEAD + ENGINE_FLAG_IDS.map((id) => rowOf(ENGINE_FLAGS[id])).join('');
}

function rowOf(flag: (typeof ENGINE_FLAGS)[keyof typeof ENGINE_FLAGS]): string {
  const { field, names, env, engines, about, ifKnown } = flag;
  const cells = [
    code(field),
    names.map(code).join(' ') + (ifKnown ? ' (where known)' : ''),
    code(env),
    engines.length === 0 ? 'read only' : engines.join(', '),
    about,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function code(text: string | null): string {
  return text === null ? '–' : `\`${text}\``;
}
