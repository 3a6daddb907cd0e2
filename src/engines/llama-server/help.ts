/** What a llama-server binary says of itself: its version and the flags of its `--help`. Pure parsing. */

/** Every `-x` and `--long-flag` that starts a line of the help or follows another flag there. */
export function parseFlags(help: string): ReadonlySet<string> {
  const flags = new Set<string>();
  for (const line of help.split('\n')) {
    const head = /^(?:-{1,2}[A-Za-z][\w-]*(?:,?\s+|$))+/.exec(line)?.[0] ?? '';
    for (const flag of head.match(/-{1,2}[A-Za-z][\w-]*/g) ?? []) flags.add(flag);
  }
  return flags;
}

/** `version: 0.4.0-dev (80fb11a)` and older `version: 6123 (abc)`; the first line when neither is there. */
export function parseVersion(output: string): string {
  const match = /^version:\s*(.+)$/m.exec(output);
  return (match?.[1] ?? output.trim().split('\n')[0] ?? '').trim() || 'unknown';
}
