/** What no patch may do, whoever proposes it: beyond what the language refuses. Against planted instructions. Pure. */

import type { CompiledShellNode } from '../../plans/index.ts';
import type { SpecPatch } from './spec-patch.ts';

/** Variables that make a program load or run something else. */
const HIJACKS =
  /^(?:LD_|DYLD_|BASH_|PYTHON(?:PATH|STARTUP|HOME)|NODE_OPTIONS|PERL5?(?:LIB|OPT)|RUBYOPT|GIT_|SSH_|DROVER_|OPENAI_|ANTHROPIC_|ENV$|IFS$|PATH$|HOME$|SHELL$|PROMPT_COMMAND$)/;
/** Places that any command may name. */
const COMMON = /^(?:\/dev\/(?:null|stdin|stdout|stderr)|\/(?:usr\/(?:local\/)?)?bin\/[\w.+-]+)$/;
const PLACE = /(?<![\w.}])(?:~[\w-]*\/|\.\.\/|\/(?=[\w.~]))[^\s'"`;|&<>()]*/g;
/** Programs that reach beyond the machine or the batch; one that the task had is its own affair. */
const REACHING =
  /(?<![\w./-])(?:curl|wget|nc|ncat|socat|ssh|scp|sftp|rsync|ftp|telnet|sudo|su|doas|chroot|crontab|systemctl|drover)(?![\w./-])/g;

/** Why the patch is refused, or null. */
export function forbidden(node: CompiledShellNode, patch: SpecPatch): string | null {
  return forbiddenEnvironment(patch.env ?? {}) ?? forbiddenCommand(node.command.text, patch.command);
}

function forbiddenEnvironment(env: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_]\w{0,63}$/.test(name)) return `env: ${JSON.stringify(name)} is no name of a variable`;
    if (HIJACKS.test(name)) return `env: ${name} may not be set by a patch`;
    if (/["\\\n\r]/.test(value)) return `env: the value of ${name} has quotes, backslashes or lines`;
    if (newPlaces('', value) !== null) return `env: ${name} names the place ${newPlaces('', value) ?? ''}`;
  }
  return null;
}

function forbiddenCommand(before: string, after: string | undefined): string | null {
  if (after === undefined) return null;
  if (/\{raw:/.test(after) && !/\{raw:/.test(before)) return 'command: splices a value as code';
  if (/\bsecrets?\.env\b|\/proc\/|printenv|\benv\s*(?:$|[|>;&])/m.test(after))
    return 'command: looks into the environment or at secrets';
  const place = newPlaces(before, after);
  if (place !== null) return `command: names ${place}, which the task did not`;
  const program = [...after.matchAll(REACHING)].map(([name]) => name).find((name) => !before.includes(name));
  return program === undefined ? null : `command: runs ${program}, which the task did not`;
}

/** The first place outside of the batch and the plan that only the new text names. */
function newPlaces(before: string, after: string): string | null {
  const known = new Set([...before.matchAll(PLACE)].map(([place]) => place));
  return (
    [...after.matchAll(PLACE)].map(([place]) => place).find((place) => !known.has(place) && !COMMON.test(place)) ?? null
  );
}
