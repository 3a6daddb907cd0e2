/** What the commands of a role may be, and whether one is. */

export { createPolicies, policyFile, realPath } from './files.ts';
export type { Policies } from './files.ts';
export { judge } from './judge.ts';
export type { Verdict } from './judge.ts';
export { createRecurringJudge } from './recurring.ts';
export { DEFAULT_POLICY, EXECUTOR_ROLES, policyJsonSchema } from './policy.ts';
export type { ExecutorRole, Policy } from './policy.ts';
