/** Which of the options an answer means. Pure. */

/** Null when it means none of them, or more than one. */
export function chooseOption(said: string, options: readonly string[]): string | null {
  if (options.includes(said)) return said;
  const meant = plain(said);
  const same = options.filter((option) => plain(option) === meant);
  return same.length === 1 ? (same[0] ?? null) : null;
}

/** Without case, quotes, marks around it, and the words that some models put before it. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^\W*(?:the )?(?:answer|option|decision|choice)(?: is)?\s*:?\s*/u, '')
    .replaceAll(/^[\s"'`*_.,:;!()[\]-]+|[\s"'`*_.,:;!()[\]-]+$/gu, '')
    .replaceAll(/[\s_-]+/gu, ' ');
}
