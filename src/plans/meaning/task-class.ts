/** The class of a task that does not name one: from the script it runs, from its type, else from its command's words. */
import type { Executor, ScriptDoc, TaskClass, TaskType } from '../types.ts';

export interface ClassChoice {
  readonly taskClass: TaskClass;
  readonly from: 'written' | 'script' | 'type' | 'executor' | 'words';
  /** Set when the class had to be guessed: the brain may mend it. */
  readonly problem?: string;
}

interface ClassEvidence {
  readonly written: TaskClass | undefined;
  /** What is wrong with the class that is written. */
  readonly invalid: string | undefined;
  readonly script: ScriptDoc | undefined;
  readonly type: TaskType;
  readonly executor: Executor | undefined;
  readonly command: string;
}

/** Whole words, cut at everything that is no letter or digit. `generate` and `prompt` name ordinary work on files too. */
const WORDS: ReadonlyMap<string, TaskClass> = new Map([
  ...wordsOf('script', 'whisper transcribe transcription transcriber embed embedding embeddings cuda gpu vram torch'),
  ...wordsOf('llm', 'ollama llm llama llamacpp openai completion completions'),
]);

function wordsOf(taskClass: TaskClass, words: string): [string, TaskClass][] {
  return words.split(' ').map((word) => [word, taskClass]);
}

/** One object for each, since nearly every task of a large plan has one. */
const WRITTEN: Readonly<Record<TaskClass, ClassChoice>> = {
  cpu: { taskClass: 'cpu', from: 'written' },
  script: { taskClass: 'script', from: 'written' },
  llm: { taskClass: 'llm', from: 'written' },
  meta: { taskClass: 'meta', from: 'written' },
  brain: { taskClass: 'brain', from: 'written' },
};
const BY_BRAIN: ClassChoice = { taskClass: 'brain', from: 'executor' };

export function chooseClass(evidence: ClassEvidence): ClassChoice {
  const { written, invalid, script, type, executor } = evidence;
  // Old plans gave tasks of the brain any class; they are charged as the brain's.
  if (executor === 'brain' && type === 'shell') return BY_BRAIN;
  if (type === 'meta') return { taskClass: 'meta', from: 'type' };
  if (type !== 'shell')
    return { taskClass: executor === 'brain' || written === 'brain' ? 'brain' : 'llm', from: 'type' };
  if (written !== undefined) return WRITTEN[written];
  if (script?.taskClass !== undefined && invalid === undefined) return { taskClass: script.taskClass, from: 'script' };
  const problem = invalid === undefined ? 'no task_class is written' : `task_class: ${invalid.toLowerCase()}`;
  return { taskClass: script?.taskClass ?? guess(evidence.command), from: 'words', problem };
}

function guess(command: string): TaskClass {
  for (const word of command.toLowerCase().split(/[^a-z0-9]+/)) {
    const taskClass = WORDS.get(word);
    if (taskClass !== undefined) return taskClass;
  }
  return 'cpu';
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
