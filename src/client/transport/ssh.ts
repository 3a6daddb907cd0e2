/**
 * The way to a controller through the system's ssh: `drover dial-stdio` on the other side joins its stdin and stdout to
 * the socket there. Hosts, keys and jumps are what `~/.ssh/config` says; nothing is asked for.
 */

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

import { AppError } from '../../contract/errors.ts';
import { showEndpoint } from './endpoint.ts';
import type { SshEndpoint } from './endpoint.ts';

/** Replaces `ssh`, as GIT_SSH does for git: a program with the same arguments. */
const PROGRAM_VARIABLE = 'DROVER_SSH';
const CONNECT_TIMEOUT_S = 10;
/** Of what ssh said last; enough for its reason. */
const SAID_CHARACTERS = 2_000;
/** How a command writes what helps against its error. */
const HINT = 'hint: ';

/** Connections that are used again: each costs a login. */
export function createSshAgent(endpoint: SshEndpoint): Agent {
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = () => new SshStream(endpoint);
  return agent;
}

/** Runs `drover` there, with streams or a terminal; the words reach it as they are, whatever stands in them. */
export function sshArguments(
  endpoint: SshEndpoint,
  words: readonly string[],
  kind: 'streams' | 'terminal' = 'streams',
): readonly string[] {
  const { destination, port, program, home } = endpoint;
  const there = [...(home === null ? [] : ['env', `DROVER_HOME=${home}`]), program, '-H', 'local', ...words];
  return [
    kind === 'terminal' ? '-t' : '-T',
    '-oBatchMode=yes',
    `-oConnectTimeout=${CONNECT_TIMEOUT_S}`,
    ...(port === null ? [] : ['-p', port]),
    '--',
    destination,
    // The login shell there reads one line.
    there.map(quoted).join(' '),
  ];
}

/** What the other side said: the last line of ssh's, or an error of the command there with its hint. */
function heardIn(said: string): { readonly reason: string | null; readonly hint: string | null } {
  const lines = said.split('\n').map((line) => line.trim()).filter((line) => line !== ''); // prettier-ignore
  const reason = lines.findLast((line) => !line.startsWith(HINT)) ?? null;
  const hint = lines.findLast((line) => line.startsWith(HINT))?.slice(HINT.length) ?? null;
  return { reason, hint };
}

export function sshFailure(endpoint: SshEndpoint, reason: string, hintThere: string | null = null): AppError {
  const { program, destination } = endpoint;
  const where = showEndpoint(endpoint);
  const hintHere = /not found|No such file/.test(reason)
    ? `"${program}" must run there; name its path: ${where}/PATH/OF/drover`
    : `this must succeed without a question: ssh -o BatchMode=yes ${destination} true`;
  return new AppError('DAEMON_UNREACHABLE', `no controller was reached at ${where}: ${reason}`, {
    hint: hintThere === null ? hintHere : `on that machine: ${hintThere}`,
  });
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export function sshProgram(): string {
  return process.env[PROGRAM_VARIABLE] || 'ssh';
}

/** One ssh process as a connection. What `node:http` asks of a socket beyond a stream has no meaning here. */
class SshStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #endpoint: SshEndpoint;
  #said = '';
  #heard = false;

  constructor(endpoint: SshEndpoint) {
    super();
    this.#endpoint = endpoint;
    // In a session of its own: Ctrl-C is for the command, which then says what it still has to say.
    const child = spawn(sshProgram(), sshArguments(endpoint, ['dial-stdio']), { detached: true });
    this.#child = child;
    child.on('error', (error) => this.destroy(sshFailure(endpoint, error.message)));
    child.on('close', (code) => this.#onClose(code));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_CHARACTERS);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      this.#heard = true;
      if (!this.push(chunk)) child.stdout.pause();
    });
    // Its end is heard of twice; here it would be an error of nobody.
    child.stdin.on('error', () => {});
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    for (const each of this.#handles()) each.ref?.();
    return this;
  }

  /** A connection that waits for its next use keeps no command alive. */
  unref(): this {
    for (const each of this.#handles()) each.unref?.();
    return this;
  }

  #handles(): readonly { ref?(): void; unref?(): void }[] {
    const { stdin, stdout, stderr } = this.#child;
    return [this.#child, stdin, stdout, stderr] as readonly { ref?(): void; unref?(): void }[];
  }

  #onClose(code: number | null): void {
    if (this.#heard || this.destroyed) return void this.push(null);
    const { reason, hint } = heardIn(this.#said);
    this.destroy(sshFailure(this.#endpoint, reason ?? `ssh ended with ${code ?? 'a signal'}`, hint));
  }
}
