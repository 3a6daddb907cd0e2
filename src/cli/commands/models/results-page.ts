/** The results of `drover models test` as a page of Markdown. Pure. */

export interface ModelTest {
  readonly model: string;
  readonly device: string;
  readonly ok: boolean;
  readonly load_ms: number | null;
  readonly ttft_ms: number | null;
  readonly tokens: number;
  readonly tokens_per_second: number | null;
  readonly memory_bytes: number | null;
  readonly answer: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const MIB = 1024 * 1024;

export function resultsPage(
  results: readonly ModelTest[],
  { at, prompt }: { readonly at: string; readonly prompt: string },
): string {
  const failed = results.filter(({ ok }) => !ok).length;
  return [
    '# Models tested',
    '',
    `${at}: ${results.length} models, ${failed} failed. Prompt: “${prompt}”`,
    '',
    '| model | device | result | load (ms) | first token (ms) | tokens/s | memory (MiB) | answer, or why not |',
    '|---|---|---|---|---|---|---|---|',
    ...results.map(rowOf),
    '',
  ].join('\n');
}

function rowOf(test: ModelTest): string {
  const memory = test.memory_bytes === null ? null : Math.round(test.memory_bytes / MIB);
  const words = test.error === null ? test.answer : `${test.error.code}: ${test.error.message}`;
  const cells = [
    test.model,
    test.device,
    test.ok ? 'ok' : '**failed**',
    test.load_ms,
    test.ttft_ms,
    test.tokens_per_second,
    memory,
  ];
  return `| ${[...cells.map((cell) => cell ?? '-'), inCell(words)].join(' | ')} |`;
}

function inCell(text: string): string {
  return text.trim().replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
