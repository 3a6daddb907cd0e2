/**
 * Which commands are about a machine itself (its home, its engines, its checkout) and not about the controller that
 * answers for it: behind ssh they run there. Pure.
 */

/** By the first word; where not all of its verbs are, the second. */
const OF_MACHINE = new Map<string, 'all' | readonly string[]>([
  ['checkout', 'all'],
  ['clone', 'all'],
  ['config', 'all'],
  ['daemon', ['start', 'stop', 'restart', 'run', 'autostart', 'install', 'uninstall', 'logs']],
  ['devices', ['suggest']],
  ['dial-stdio', 'all'],
  ['doctor', 'all'],
  ['edit', 'all'],
  ['engine', 'all'],
  ['init', 'all'],
  ['install-service', 'all'],
  ['policy', 'all'],
  ['secrets', 'all'],
  ['worker', ['run']],
]);

/** Help is the same everywhere. */
const HELP = ['-h', '--help', '--help-all'];

export function isOfMachine(words: readonly string[]): boolean {
  const [command = '', verb = ''] = words;
  const verbs = OF_MACHINE.get(command);
  if (verbs === undefined || HELP.some((flag) => words.includes(flag))) return false;
  return verbs === 'all' || verbs.includes(verb);
}
