/** What mends findings: lines of bash that may be run as they stand. Text only, but for who runs the doctor. */

import { quoteForBash } from '../../../plans/shell/substitute-command.ts';

/** Of a home that this user can never have. */
export const CHOOSE_HOME = 'export DROVER_HOME="$HOME/.drover"';

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** One word for bash; quoted only where that is needed. */
export function word(text: string): string {
  return PLAIN_WORD.test(text) ? text : quoteForBash(text);
}

export function asRoot(command: string): string {
  return process.getuid?.() === 0 ? command : `sudo ${command}`;
}

export function editFile(file: string): string {
  return `"\${EDITOR:-vi}" ${word(file)}`;
}

/** Never of a folder above the home: others live there. */
export function ownHome(home: string): string {
  return `${asRoot(`chown -R "$(id -un)" ${word(home)}`)} && chmod 700 ${word(home)}`;
}

export function makeHome(home: string): string {
  return asRoot(`install -d -m 700 -o "$(id -un)" ${word(home)}`);
}

export function remountHome(home: string): string {
  return asRoot(`mount -o remount,rw "$(findmnt -no TARGET --target ${word(home)})"`);
}

/** Removes what nobody needs, and shows what takes the rest of the room. */
export function makeRoom(home: string): string {
  return `drover models prune; ${showLargest(home)}`;
}

/** Where no daemon can start any more, so that nobody can be asked: what is half downloaded, and older parts of logs, go. */
export function makeRoomByHand(home: string): string {
  const places = ['models', 'logs'].map((folder) => word(`${home}/${folder}`)).join(' ');
  return `find ${places} -type f '(' -name '*.part' -o -name '*.log.[1-9]' ')' -delete; ${showLargest(home)}`;
}

function showLargest(home: string): string {
  return `du -xhd 2 ${word(home)} | sort -rh | head`;
}
