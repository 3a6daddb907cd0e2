/** What every command receives: streams, environment, time, the way to the controller. Nothing else is reached for. */

import type { CommandContext, StricliProcess } from '@stricli/core';

import type { Client } from '../client/index.ts';
import type { HomePaths } from '../config/paths.ts';
import type { ExitCode } from '../contract/exit-codes.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Output } from './output.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
  readonly out: Output;
  readonly err: Output;
  /** The whole of stdin as text. */
  readonly readInput: () => Promise<string>;
  readonly env: Environment;
  readonly cwd: string;
  readonly clock: Clock;
  readonly paths: HomePaths;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** The controller may be on another host: paths of this one mean nothing there. */
  readonly isRemote: boolean;
  /** A client that starts the daemon when none answers and that is allowed. */
  readonly client: Client;
  /** A client that starts nothing. */
  readonly quietClient: Client;
  /** Of another controller, named as `-H` does. Rejects for what names none. */
  clientOf(host: string): Promise<Client>;
  /** Sets the exit code of a command that ends without an error. */
  end(code: ExitCode): void;
}

/** JSON alone on stdout, the form of every `--json`. */
export function printJson(context: CliContext, value: unknown): void {
  context.out.line(JSON.stringify(value, null, 2));
}
