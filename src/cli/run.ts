/** One run of the command line: arguments in, exit code out. Everything it touches is handed to it. */

import { resolve } from 'node:path';

import {
  ArgumentScannerError,
  buildApplication,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from '@stricli/core';
import type { Application, ApplicationText } from '@stricli/core';

import { homeFromEnvironment, homePaths } from '../config/paths.ts';
import { packageVersion } from '../config/version.ts';
import { asAppError } from '../contract/errors.ts';
import { EXIT, knownExit } from '../contract/exit-codes.ts';
import type { ExitCode } from '../contract/exit-codes.ts';
import type { Clock } from '../kernel/clock.ts';
import { chooseHost, chooseOther } from './choose-host.ts';
import type { CliContext, Environment } from './context.ts';
import { createClients } from './daemon-access.ts';
import { renderError } from './errors.ts';
import { takeHostFlag } from './host-flag.ts';
import type { HostFlag } from './host-flag.ts';
import { isOfMachine } from './machine-commands.ts';
import { createOutput } from './output.ts';
import type { TextStream } from './output.ts';
import { root } from './routes/root.ts';

interface RunInput {
  /** Without `node` and the script. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly readInput: () => Promise<string>;
  readonly clock: Clock;
  /** Aborts at Ctrl-C: the run then ends with 130. */
  readonly signal: AbortSignal;
}

/** Never rejects: every failure is told on stderr and has its exit code. */
export async function runCli(input: RunInput): Promise<ExitCode> {
  try {
    const flag = takeHostFlag(input.argv);
    const context = await createContext(input, flag);
    if (isElsewhere(context) && isOfMachine(flag.rest)) await runElsewhere(context, flag.rest);
    else await run(createApplication(input), passThrough(flag.rest), context);
    if (input.signal.aborted) return EXIT.interrupted;
    return exitCodeOf(context.process.exitCode);
  } catch (error) {
    input.stderr.write(`${renderError(error, input.env)}\n`);
    return asAppError(error).exitCode;
  }
}

/** Another machine, or another home of this one. */
function isElsewhere({ client: { endpoint }, isRemote, paths }: CliContext): boolean {
  return isRemote || (endpoint.kind === 'socket' && resolve(endpoint.path) !== paths.socket);
}

async function runElsewhere(context: CliContext, words: readonly string[]): Promise<void> {
  const { runThere } = await import('./commands/remote/run-there.ts');
  await runThere(context, words);
}

/** The flags of `worker run` are the worker's own: none of them is ours to read. */
function passThrough(argv: readonly string[]): readonly string[] {
  const [first, second, ...own] = argv;
  if (first !== 'worker' || second !== 'run' || ['--', '--help', '-h'].some((flag) => own.includes(flag))) return argv;
  return [first, second, '--', ...own];
}

async function createContext(input: RunInput, flag: HostFlag): Promise<CliContext> {
  const { env, clock, signal } = input;
  const paths = homePaths(homeFromEnvironment(env));
  const host = await chooseHost(flag, env, paths);
  const out = createOutput(input.stdout, env);
  const err = createOutput(input.stderr, env);
  const access = { paths, env, clock, err, signal };
  const context: CliContext = {
    process: { stdout: { write: out.write }, stderr: { write: err.write }, env: {}, exitCode: undefined as never },
    ...createClients({ ...access, host }),
    clientOf: async (other) => createClients({ ...access, host: await chooseOther(other, env, paths) }).client,
    out,
    err,
    env,
    clock,
    paths,
    signal,
    cwd: input.cwd,
    readInput: input.readInput,
    isRemote: host.endpoint !== null && host.endpoint.kind !== 'socket',
    end: (code) => void (context.process.exitCode = code),
  };
  return context;
}

function createApplication(input: RunInput): Application<CliContext> {
  return buildApplication<CliContext>(root, {
    name: 'drover',
    versionInfo: { getCurrentVersion: () => Promise.resolve(packageVersion()) },
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    determineExitCode: (error) => asAppError(error).exitCode,
    localization: { text: texts(input) },
  });
}

function texts({ env, signal }: RunInput): ApplicationText {
  /** Who pressed Ctrl-C knows that it ends: no more than a new line is said of it. */
  const told = (error: unknown): string => (signal.aborted && error === signal.reason ? '' : renderError(error, env));
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input, corrections }) => {
      const near = corrections.map((each) => `"${each.replaceAll('`', '')}"`).join(' or ');
      const hint = near === '' ? 'run "drover --help" for the commands' : `did you mean ${near}?`;
      return `error INVALID_REQUEST there is no command "${input}"\nhint: ${hint}`;
    },
    exceptionWhileParsingArguments: (error) => {
      const known = error instanceof ArgumentScannerError;
      const message = known ? formatMessageForArgumentScannerError(error, {}) : asAppError(error).message;
      return `error INVALID_REQUEST ${message}\nhint: add --help to see how it is called`;
    },
    exceptionWhileRunningCommand: told,
    commandErrorResult: told,
    exceptionWhileLoadingCommandFunction: (error) => renderError(error, env),
  };
}

/** Stricli's own codes are negative: wrong arguments are usage, the rest is a bug of ours. */
function exitCodeOf(code: number | string | null | undefined): ExitCode {
  const value = Number(code ?? 0);
  if (value === -4 || value === -5) return EXIT.usage;
  return knownExit(value);
}
