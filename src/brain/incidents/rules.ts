/** Repairs that need no model: each a named rule from what a failure says to a patch of the command. Pure. */

import type { CompiledShellNode } from '../../plans/index.ts';
import type { SpecPatch } from './spec-patch.ts';

export interface RepairCase {
  readonly node: CompiledShellNode;
  readonly exitCode: number | null;
  /** End of the output, or the reason when there is none. */
  readonly said: string;
}

interface RepairRule {
  readonly name: string;
  /** The patch, or null when it is not its case. */
  readonly repair: (failure: RepairCase) => SpecPatch | null;
}

/** Before the name of a program at the begin of a command, where words such as `exec` may stand. */
const COMMAND_START = String.raw`((?:^|[;&|(\n])\s*(?:(?:exec|time|nice|nohup|command)\s+|\w+=\S*\s+)*)`;

/** `python`, which many systems do not have under this name. */
const python3: RepairRule = {
  name: 'python3',
  repair({ node, said }) {
    if (node.command.language !== 'bash' || !/\bpython['’"]?: (?:command )?(?:not found|no such file)/i.test(said))
      return null;
    return replaced(node, new RegExp(`${COMMAND_START}((?:/usr/bin/)?env\\s+)?python(?=\\s|$)`, 'g'), '$1$2python3');
  },
};

const INTERPRETERS: readonly (readonly [RegExp, string])[] = [
  [/\.py$/, 'python3'],
  [/\.[cm]?js$/, 'node'],
  [/(?:\.(?:sh|bash)|\/[^/.]+)$/, 'bash'],
];

/** A script without its execute bit is run by the interpreter of its kind. */
const executeBit: RepairRule = {
  name: 'execute-bit',
  repair({ node, exitCode, said }) {
    const script = /^(?:[^\n]*?: )?(?:line \d+: )?([^\s:]+): Permission denied$/im.exec(said)?.[1];
    if (exitCode !== 126 || script === undefined) return null;
    const interpreter = INTERPRETERS.find(([kind]) => kind.test(script))?.[1];
    const written = interpreter === undefined ? null : asWritten(node.command.text, script);
    if (interpreter === undefined || written === null) return null;
    return replaced(node, new RegExp(`${COMMAND_START}(["']?${escape(written)})`, 'g'), `$1${interpreter} $2`);
  },
};

/** A script of the plan named as if the command ran in the plan's folder. */
const planPath: RepairRule = {
  name: 'plan-path',
  repair({ node, exitCode, said }) {
    const script = /(?:^|[\s:'"])(?:\.\/)?((?:scripts|lib)\/[\w./-]+)['"]?: No such file or directory/im.exec(
      said,
    )?.[1];
    if (exitCode !== 127 && exitCode !== 126) return null;
    if (script === undefined || node.command.text.includes(`{PLAN_PATH}/${script}`)) return null;
    return replaced(
      node,
      new RegExp(`(^|[\\s;&|("'])(?:\\./)?${escape(script)}(?=[\\s;&|)"']|$)`, 'g'),
      `$1{PLAN_PATH}/${script}`,
    );
  },
};

/** A script with the line ends of Windows. */
const lineEnds: RepairRule = {
  name: 'line-ends',
  repair({ node, said }) {
    const script =
      /([^\s:]+): (?:\/usr\/bin\/env: |\/bin\/(?:ba)?sh)(?:\^M|\r)?: (?:bad interpreter|cannot execute)/i.exec(
        said,
      )?.[1];
    if (script === undefined || !/\^M|\r/.test(said)) return null;
    const written = asWritten(node.command.text, script);
    if (written === null) return null;
    return replaced(
      node,
      new RegExp(`${COMMAND_START}(?:\\./)?${escape(written)}(?=\\s|$)`, 'g'),
      `$1bash <(tr -d '\\r' < ${written})`,
    );
  },
};

const NEEDS_CARD =
  /no CUDA-capable device|CUDA_ERROR_NO_DEVICE|No CUDA GPUs are available|no HIP-capable device|found no NVIDIA driver|\bcuda\b.{0,60}out of memory/i;

/** A class that was only guessed, and guessed wrong. */
const deviceClass: RepairRule = {
  name: 'device-class',
  repair({ node, said }) {
    const guessedWrong = node.classProblem !== undefined && node.taskClass !== 'script' && NEEDS_CARD.test(said);
    return guessedWrong ? { task_class: 'script' } : null;
  },
};

/** In the order in which they are tried. */
export const REPAIR_RULES: readonly RepairRule[] = [python3, executeBit, planPath, lineEnds, deviceClass];

/** True when a failure of another class is one of the definition after all: only the guessed class can be at fault. */
export function isMisclassed(failure: RepairCase): boolean {
  return deviceClass.repair(failure) !== null;
}

/** A script as the command names it, which may be by placeholders where the output has their values. */
function asWritten(command: string, script: string): string | null {
  const name = script.split('/').at(-1) ?? script;
  return command.match(new RegExp(`[^\\s'"()|;&<>]*${escape(name)}(?![\\w.-])`))?.[0] ?? null;
}

function replaced(node: CompiledShellNode, what: RegExp, by: string): SpecPatch | null {
  const command = node.command.text.replaceAll(what, by);
  return command === node.command.text ? null : { command };
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
