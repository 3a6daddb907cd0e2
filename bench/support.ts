/** What every comparison needs: medians, a table, the number of rounds. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) return Number.NaN;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

/** `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

/** `--rounds N`, 5 when absent. */
export function roundsFrom(argv: readonly string[]): number {
  return Math.max(1, numberFrom(argv, '--rounds', 5));
}

export function numberFrom(argv: readonly string[], flag: string, fallback: number): number {
  const at = argv.indexOf(flag);
  return at === -1 ? fallback : Number(argv[at + 1]);
}

/** A Markdown table; numbers with three significant digits. */
export function printTable(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const [first] = rows;
  if (!first) return;
  const heads = Object.keys(first);
  const lines = rows.map((row) => `| ${heads.map((head) => cell(row[head])).join(' | ')} |`);
  process.stdout.write(
    `\n${title}\n\n| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|\n${lines.join('\n')}\n`,
  );
}

function cell(value: string | number | undefined): string {
  if (typeof value !== 'number') return value ?? '';
  return Number.isNaN(value) ? 'not there' : Number(value.toPrecision(3)).toString();
}
