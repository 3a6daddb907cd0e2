/**
 * What goes on while somebody waits: on a terminal one line that turns and counts the seconds, elsewhere a plain line
 * at each change. Owns the last line of stderr between `start` and `stop`.
 */

import { formatDuration } from '../contract/durations.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Output } from './output.ts';

export interface Progress extends Disposable {
  /** The thing was asked for and nothing is known of it yet: on a terminal it counts from here, elsewhere it is silent. */
  expect(name: string, phase: string): void;
  /** The thing has reached a phase. The same phase again changes nothing. */
  phase(name: string, phase: string): void;
  /** Nothing more will come of it. */
  finish(name: string): void;
  /** A line of its own, above the turning one. */
  note(line: string): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

interface Running {
  readonly phase: string;
  readonly since: number;
}

export function createProgress(output: Output, clock: Clock): Progress {
  return output.isTerminal ? turningLine(output, clock) : plainLines(output);
}

function plainLines(output: Output): Progress {
  const phases = new Map<string, string>();
  return {
    expect: () => {},
    phase(name, phase) {
      if (phases.get(name) === phase) return;
      phases.set(name, phase);
      output.line(`${name}: ${phase}`);
    },
    finish: (name) => void phases.delete(name),
    note: (line) => output.line(line),
    [Symbol.dispose]: () => {},
  };
}

function turningLine(output: Output, clock: Clock): Progress {
  const running = new Map<string, Running>();
  let frame = 0;
  let beat: Disposable | null = null;

  function draw(): void {
    const now = clock.monotonic();
    const parts = [...running].map(([name, { phase, since }]) => `${name} ${phase} ${formatDuration(now - since)}`);
    const line = parts.length === 0 ? '' : `${FRAMES[frame++ % FRAMES.length]} ${parts.join(' · ')}`;
    output.write(`\r\u001b[K${line.slice(0, Math.max(10, output.columns - 1))}`);
    beat?.[Symbol.dispose]();
    beat = parts.length === 0 ? null : clock.after(FRAME_MS, draw);
  }

  function show(name: string, phase: string): void {
    const since = running.get(name)?.since ?? clock.monotonic();
    running.set(name, { phase, since });
    draw();
  }

  return {
    expect: show,
    phase: show,
    finish(name) {
      running.delete(name);
      draw();
    },
    note(line) {
      output.write('\r\u001b[K');
      output.line(line);
      if (running.size > 0) draw();
    },
    [Symbol.dispose]() {
      beat?.[Symbol.dispose]();
      if (running.size > 0) output.write('\r\u001b[K');
    },
  };
}
