/** Tells how far a model is that comes: a bar on a terminal, elsewhere and with --json a line of JSON at each change. */

import type { ModelView } from '../../../contract/models.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { downloadLine, eventLine } from './progress-bar.ts';
import type { Coming } from './progress-bar.ts';

interface JsonFlag {
  readonly json: boolean;
}

/** Disposed: the bar is gone. */
interface ProgressLine extends Disposable {
  show(coming: Coming): void;
}

export function createProgressLine({ out, err }: CliContext, { json }: JsonFlag): ProgressLine {
  const isBar = err.isTerminal && !json;
  const wipe = '\r\u001b[K';
  let last = '';
  return {
    show(coming) {
      const line = isBar ? downloadLine(coming, err.columns) : eventLine(coming);
      if (isBar) err.write(`${wipe}${line}`);
      else if (line !== last) out.line(line);
      last = line;
    },
    [Symbol.dispose]() {
      if (isBar) err.write(wipe);
    },
  };
}

/** The last word: `what` is what has become of it. */
export function showReady({ out, err }: CliContext, { json }: JsonFlag, model: ModelView, what: string): void {
  if (json || !out.isTerminal) return out.line(JSON.stringify({ event: 'ready', model }));
  const { id, size_bytes: size, quantisation, path } = model;
  out.line(`${id} ${what}: ${bytes(size)}${quantisation === null ? '' : `, ${quantisation}`}, ${path}`);
  err.line(`next: drover infer --model ${id} --prompt "hello"`);
}
