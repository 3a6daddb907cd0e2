/** The class of a task that does not name one: from the script it runs, from its type, else from its command's words. */
import type { ScriptDoc, TaskClass, TaskType } from '../types.ts';

export interface ClassChoice {
  readonly taskClass: TaskClass;
  readonly from: 'written' | 'script' | 'type' | 'executor' | 'words';
}

export interface ClassEvidence {
  readonly written: TaskClass | undefined;
  readonly script: ScriptDoc | undefined;
  readonly type: TaskType;
  readonly byBrain: boolean;
  readonly command: string;
}

/** Words that a name part must begin with; `generate_summary.sh` alone means nothing. */
const WORDS: readonly (readonly [TaskClass, RegExp])[] = [
  ['script', /(^|[^a-z])(whisper|transcri|embed|cuda|gpu|vram|torch|ffmpeg_nvenc)/i],
  ['llm', /(^|[^a-z])(ollama|llm|llama|openai|chat_?completion)/i],
];

/** One object for each, since nearly every task of a large plan has one. */
const WRITTEN: Readonly<Record<TaskClass, ClassChoice>> = {
  cpu: { taskClass: 'cpu', from: 'written' },
  script: { taskClass: 'script', from: 'written' },
  llm: { taskClass: 'llm', from: 'written' },
  meta: { taskClass: 'meta', from: 'written' },
  brain: { taskClass: 'brain', from: 'written' },
};

export function chooseClass({ written, script, type, byBrain, command }: ClassEvidence): ClassChoice {
  if (written !== undefined) return WRITTEN[written];
  if (script?.taskClass !== undefined) return { taskClass: script.taskClass, from: 'script' };
  if (type === 'meta') return { taskClass: 'meta', from: 'type' };
  if (type !== 'shell') return { taskClass: 'llm', from: 'type' };
  if (byBrain) return { taskClass: 'brain', from: 'executor' };
  const taskClass = WORDS.find(([, pattern]) => pattern.test(command))?.[0] ?? 'cpu';
  return { taskClass, from: 'words' };
}

/** The script section whose name stands in the command as a whole path part; the longest name wins. */
export function scriptOf(command: string, scripts: readonly ScriptDoc[]): ScriptDoc | undefined {
  let best: ScriptDoc | undefined;
  for (const script of scripts) {
    if (script.name.length > (best?.name.length ?? 0) && mentions(command, script.name)) best = script;
  }
  return best;
}

function mentions(command: string, name: string): boolean {
  for (let at = command.indexOf(name); at >= 0; at = command.indexOf(name, at + 1)) {
    const before = command[at - 1] ?? ' ';
    const after = command[at + name.length] ?? ' ';
    if (/[\s/"'=({]/.test(before) && /[\s"');&|]/.test(after)) return true;
  }
  return false;
}
