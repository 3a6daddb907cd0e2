/** A place where commands are judged, a short way to judge them there by the default policy, and a strict policy. */

import type { Case } from '../../src/agent/permissions/case.ts';
import { judge } from '../../src/agent/permissions/judge.ts';
import type { Verdict } from '../../src/agent/permissions/judge.ts';
import { DEFAULT_POLICY, policySchema } from '../../src/agent/permissions/policy.ts';
import type { Policy } from '../../src/agent/permissions/policy.ts';

const LINKS: Readonly<Record<string, string>> = {
  '/batch/root-link': '/',
  '/batch/tool': '/bin/rm',
  '/batch/data': '/mnt/data',
};

export const HERE: Case = {
  cwd: '/batch',
  keep: ['/home/ann', '/home/ann/.drover'],
  realPath: (path) => LINKS[path] ?? path,
  environment: { HOME: '/home/ann', PATH: '/usr/bin', DROVER_BATCH_PATH: '/batch' },
  approved: [],
};

export const inDefault = (text: string): Verdict => judge(text, DEFAULT_POLICY, HERE);
export const policy = (fields: Partial<Policy>): Policy => ({ ...policySchema.parse({}), ...fields });

export const STRICT = policy({
  mode: 'strict',
  allow: ['wc', 'python3 scripts/*', 'sh scripts/*', 'cat', 'tee', 'cp', 'dd'],
});
