/** Runs a command of a machine on the one behind ssh, or of another home of this machine in it, with the streams of this one. */

import { resolve } from 'node:path';

import { sshArguments, sshFailure, sshProgram } from '../../../client/transport/ssh.ts';
import { homeOfSocket, LOCAL } from '../../../config/paths.ts';
import { AppError } from '../../../contract/errors.ts';
import { knownExit } from '../../../contract/exit-codes.ts';
import { installedFile } from '../../../kernel/installation.ts';
import type { CliContext, Environment } from '../../context.ts';
import { perform } from './perform.ts';

/** What ssh itself ends with. */
const NO_WAY = 255;
/** What a shell ends with for a program that it cannot start. */
const NO_PROGRAM = [126, 127];

/** Ends with the exit code of the command there. Throws when it could not be run. */
export async function runThere(context: CliContext, words: readonly string[]): Promise<void> {
  const { endpoint } = context.client;
  if (endpoint.kind === 'socket') return runInHome(context, endpoint.path, words);
  if (endpoint.kind !== 'ssh') {
    throw new AppError(
      'INVALID_REQUEST',
      `"${words.slice(0, 2).join(' ')}" is about a machine itself, reached by ssh only`,
      {
        hint: 'write -H ssh://HOST, or -H local for this machine',
      },
    );
  }
  const hasTerminal = process.stdin.isTTY && context.out.isTerminal;
  const line = [sshProgram(), ...sshArguments(endpoint, words, hasTerminal ? 'terminal' : 'streams')];
  const code = await perform(line).catch((error: Error) => {
    throw sshFailure(endpoint, error.message);
  });
  if (context.signal.aborted) return;
  if (code === NO_WAY) throw sshFailure(endpoint, 'ssh ended with 255');
  if (NO_PROGRAM.includes(code)) throw sshFailure(endpoint, `"${endpoint.program}" was not found`);
  context.end(knownExit(code));
}

async function runInHome({ env, end }: CliContext, socket: string, words: readonly string[]): Promise<void> {
  const home = homeOfSocket(resolve(socket));
  if (home === null) {
    throw new AppError('INVALID_REQUEST', `${socket} does not tell whose home it is`, {
      hint: `write DROVER_HOME=DIR drover ${words.slice(0, 2).join(' ')} …`,
    });
  }
  const line = [process.execPath, installedFile('bin/drover.js'), '-H', LOCAL, ...words];
  end(knownExit(await perform(line, { env: { ...withoutSettings(env), DROVER_HOME: home } })));
}

/** What this home is told by its environment is no word to another one; behind ssh it would not be heard, either. */
function withoutSettings(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DROVER_')));
}
