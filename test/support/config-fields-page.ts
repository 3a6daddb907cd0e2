/** `docs/config-fields.md`, written from the JSON Schemas of both config files. */

import { jsonSchemaOf, SETTING_NAMES, SETTINGS, settingToText } from '../../src/config/index.ts';

const HEAD = `# Fields of the config files

Written from the code by \`npx vitest run test/schemas.test.ts -u\`; a test compares them. The JSON Schemas for editors lie
in \`schema/\` and are printed by \`drover config schema [instance|daemon]\`; \`drover init\` and \`drover config set\` put them
where \`$schema\` points. A duration is a number of seconds, or text such as \`500ms\`, \`10s\`, \`5m\`; at most 24 days.
Unknown fields, fields that are written twice, files over 1 MB and text that is not UTF-8 are errors with file, path,
message and hint. Loading never rewrites a file.

`;

const INSTANCE = `## An instance: \`$DROVER_HOME/instances/NAME/config.json\`

Which flag of the engine a field becomes is told in [engine-flags.md](engine-flags.md).

| field | values | default | what it is for |
|---|---|---|---|
`;

const SETTINGS_HEAD = `
## The daemon: \`$DROVER_HOME/config.json\`

A flag wins over the variable, that over the file, that over the default; \`drover config show --origin\` tells which it
was. \`drover config set\` has a running daemon read the file again, as \`POST /v2/daemon/reload\` and SIGHUP do: what counts
\`live\` is taken over, the rest is named as waiting for a restart.

| setting | variable | default | counts | what it is for |
|---|---|---|---|---|
`;

interface Field {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Field[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Field>>;
}

export function configFieldsPage(): string {
  return HEAD + INSTANCE + rowsOf(jsonSchemaOf('instance')).join('') + SETTINGS_HEAD + settingRows().join('');
}

function rowsOf({ properties = {} }: Field, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const inner = rowsOf(field, `${path}${name}.`);
    return inner.length > 0 ? inner : [row(`\`${path}${name}\``, valuesOf(field), defaultOf(field), field.description)];
  });
}

/** How a duration reads in the schema. */
const DURATION = 'number from 0 or string';

/** The largest safe number stands for "no end". */
function valuesOf({ type, anyOf, minimum, maximum, ...field }: Field): string {
  if (anyOf !== undefined) return [...new Set(anyOf.map(valuesOf))].join(' or ').replace(DURATION, 'duration');
  if (field.const !== undefined) return code(field.const);
  if (field.enum !== undefined) return field.enum.map(code).join(' ');
  const least = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? '' : ` from ${minimum}`;
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
  return `${type ?? 'any'}${least}${most}`;
}

function defaultOf(field: Field): string {
  return field.default === undefined ? '–' : code(field.default);
}

function settingRows(): string[] {
  return SETTING_NAMES.map((name) => {
    const { key, env, counts, about, fallback } = SETTINGS[name];
    const value = settingToText(name, fallback('$DROVER_HOME'));
    return row(`\`${key}\``, env === undefined ? '–' : `\`${env}\``, `\`${value}\``, counts.replace('-', ' '), about);
  });
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function row(...cells: (string | undefined)[]): string {
  return `| ${cells.map((cell) => (cell ?? '').replaceAll('|', '\\|')).join(' | ')} |\n`;
}
