/** What several commands on plans take. */

import { oneArgument, text, valueFlag } from '../flags.ts';

export const planArgument = oneArgument('Folder of the plan, or its name', 'FOLDER|NAME');

export const planArguments = {
  kind: 'array',
  parameter: { brief: 'Folder of a plan, or its name', placeholder: 'FOLDER|NAME', parse: text },
  minimum: 1,
} as const;

export const valueFlags = {
  config: valueFlag(text, 'Values as a JSON object, or @FILE', 'JSON'),
  set: {
    kind: 'parsed',
    parse: text,
    brief: 'One value; may be repeated',
    placeholder: 'KEY=VALUE',
    variadic: true,
    optional: true,
  },
} as const;
