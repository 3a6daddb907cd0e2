/** The policy of an executor role: what its commands may be. The form of the file, and the defaults. Data only. */

import { z } from 'zod';

export const EXECUTOR_ROLES = ['worker', 'brain'] as const;
export type ExecutorRole = (typeof EXECUTOR_ROLES)[number];

/** Checks that are more than a pattern; see `guards.ts`. */
const GUARDS = ['destructive', 'devices', 'interpreter_pipe', 'fork_bomb'] as const;
export type Guard = (typeof GUARDS)[number];

const patterns = z.array(z.string().trim().min(1).max(500));

export const policySchema = z.strictObject({
  $schema: z.string().optional(),
  mode: z
    .enum(['default', 'strict'])
    .default('default')
    .describe('strict: only what "allow" names, and nothing that is not understood'),
  allow: patterns.default([]).describe('Commands that are allowed; in strict mode the only ones'),
  deny: patterns.default([]).describe('Commands that are refused, whatever else allows them'),
  ask: patterns.default([]).describe('Commands that wait for the answer of a person'),
  guards: z
    .array(z.enum(GUARDS))
    .default([...GUARDS])
    .describe('Built-in refusals that are in force'),
  files: z
    .strictObject({ read: patterns.default([]), write: patterns.default([]) })
    .prefault({})
    .describe(
      'In the sandbox: paths to see beside the system (none given: all), paths to write beside the batch folder',
    ),
  network: z
    .union([z.enum(['any', 'none']), patterns])
    .default('any')
    .describe('none: no network in the sandbox; a list: hosts that commands may name'),
});
export type Policy = Readonly<z.output<typeof policySchema>>;

/** Refused by default: what no task of a plan is for. */
const NEVER = [
  'mkfs*',
  'mke2fs',
  'mkswap',
  'wipefs',
  'blkdiscard',
  'fdisk',
  'sfdisk',
  'cfdisk',
  'sgdisk',
  'parted',
  'shutdown',
  'reboot',
  'poweroff',
  'halt',
  'init 0',
  'init 6',
  'telinit',
  'systemctl poweroff',
  'systemctl reboot',
  'systemctl halt',
  'systemctl kexec',
  'kill -9 -1',
  'kill -KILL -1',
  'killall5',
  'crontab -r',
  'userdel',
  'passwd',
  'nvidia-smi -r',
  'nvidia-smi --gpu-reset',
  '> /etc/*',
  '> /boot/*',
];

export const DEFAULT_POLICY: Policy = { ...policySchema.parse({}), deny: NEVER };

export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(policySchema, { io: 'input' }), title: 'Drover policy' };
}
