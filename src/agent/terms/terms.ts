/**
 * The terms under which a grant runs on this host: what the policy of its executor says to the command, which values its
 * secrets have, and what stands around it. Decides before anything of it is on disk.
 */

import type { Grant } from '../../contract/index.ts';
import { asAppError } from '../../contract/index.ts';
import { installedFile } from '../../kernel/index.ts';
import { UNKNOWN } from '../../shell/index.ts';
import { createRecurringJudge, realPath } from '../permissions/index.ts';
import type { Policies, Policy } from '../permissions/index.ts';
import { sandboxed } from '../sandbox/bwrap.ts';
import { BUBBLEWRAP_MISSING, cardNodes } from '../sandbox/host-sandbox.ts';
import { findSecrets } from '../secrets/find-secrets.ts';
import type { SecretSources } from '../secrets/find-secrets.ts';
import { SECRET_NAMES } from '../secrets/masked-run.ts';
import { secretFile } from '../secrets/secret-file.ts';

interface TermsDeps {
  readonly home: string;
  /** Of the user who runs the daemon. */
  readonly userHome: string;
  readonly policies: Policies;
  readonly secrets: SecretSources;
  readonly findSandbox: () => string | null;
}

export type Enclose = (program: readonly string[], bash: string) => readonly string[];

export type Terms =
  | {
      readonly kind: 'agreed';
      /** Values by name; for the command's environment, and for no file. */
      readonly secrets: Readonly<Record<string, string>>;
      /** Around the words that run the command; null: nothing is around them. */
      readonly enclose: Enclose | null;
    }
  /** The policy says no. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** A person must answer for these commands first. */
  | { readonly kind: 'ask'; readonly commands: readonly string[] }
  /** This host lacks what the task needs. */
  | { readonly kind: 'lacking'; readonly reason: string };

/** At once where nothing has to be looked up. */
export type FindTerms = (grant: Grant, environment: Readonly<Record<string, string>>) => Terms | Promise<Terms>;

export function createTerms(deps: TermsDeps): FindTerms {
  const judge = createRecurringJudge();
  return (grant, environment) => {
    try {
      const { policy } = deps.policies.of(grant.executor);
      const verdict = judge(grant.command, policy, {
        cwd: grant.cwd,
        keep: [deps.home, deps.userHome],
        realPath,
        environment: { ...environment, ...Object.fromEntries(grant.secrets.map((name) => [name, UNKNOWN])) },
        approved: grant.approved ?? [],
      });
      if (verdict.kind === 'denied')
        return { kind: 'blocked', reason: `"${verdict.command}" is forbidden (${verdict.rule})` };
      if (verdict.kind === 'ask') return verdict;
      return provide(grant, policy, deps);
    } catch (error) {
      return { kind: 'lacking', reason: reasonOf(error) };
    }
  };
}

function reasonOf(error: unknown): string {
  const { message, hint } = asAppError(error);
  return hint === undefined ? message : `${message}; ${hint}`;
}

function provide(grant: Grant, policy: Policy, deps: TermsDeps): Terms | Promise<Terms> {
  const bwrap = grant.sandbox === 'bwrap' ? deps.findSandbox() : null;
  if (grant.sandbox === 'bwrap' && bwrap === null) return { kind: 'lacking', reason: BUBBLEWRAP_MISSING };
  const enclose: Enclose | null =
    bwrap === null ? null : (program, bash) => sandboxed(program, bash, { ...specOf(grant, policy, deps), bwrap });
  if (grant.secrets.length === 0) return { kind: 'agreed', secrets: {}, enclose };
  return withSecrets(grant, deps, enclose).catch((error: unknown) => ({ kind: 'lacking', reason: reasonOf(error) }));
}

/** What the program prints goes through one that masks the values. */
async function withSecrets(grant: Grant, deps: TermsDeps, enclose: Enclose | null): Promise<Terms> {
  const found = await findSecrets(grant.secrets, deps.secrets);
  if (found.kind === 'missing') return { kind: 'lacking', reason: found.reason };
  const mask = [process.execPath, installedFile('dist/daemon/masked-run.js')];
  return {
    kind: 'agreed',
    secrets: { ...found.values, [SECRET_NAMES]: grant.secrets.join(',') },
    enclose: (program, bash) => [...mask, ...(enclose?.(program, bash) ?? program)],
  };
}

function specOf(grant: Grant, { files, network }: Policy, { home }: TermsDeps) {
  const plan = grant.env['DROVER_PLAN_PATH'];
  return {
    cwd: grant.cwd,
    write: files.write,
    read: files.read,
    keep: plan === undefined ? [] : [plan],
    hide: [secretFile(home)],
    network: network === 'any' || (network !== 'none' && network.length > 0),
    deviceNodes: cardNodes(),
  };
}
