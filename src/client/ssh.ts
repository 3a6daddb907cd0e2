/**
 * The way to a controller through the system's ssh: `drover dial-stdio` on the other side joins its stdin and stdout to
 * the socket there. Hosts, keys and jumps are what `~/.ssh/config` says; nothing is asked for.
 */

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

import { AppError } from '../contract/errors.ts';
import { showEndpoint } from './endpoint.ts';
import type { SshEndpoint } from './endpoint.ts';

/** Replaces `ssh`, as GIT_SSH does for git: a program with the same arguments. */
const PROGRAM_VARIABLE = 'DROVER_SSH';
const CONNECT_TIMEOUT_S = 10;
/** Of what ssh said last; enough for its reason. */
const SAID_CHARACTERS = 2_000;

/** Connections that are used again: each costs a login. */
export function createSshAgent(endpoint: SshEndpoint): Agent {
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = () => new SshStream(endpoint);
  return agent;
}

/** Runs `drover` there; the words reach it as they are, whatever stands in them. */
export function sshArguments(endpoint: SshEndpoint, words: readonly string[]): readonly string[] {
  const { destination, port, program, home } = endpoint;
  const there = [...(home === null ? [] : ['env', `DROVER_HOME=${home}`]), program, '-H', 'local', ...words];
  return [
    '-T',
    '-oBatchMode=yes',
    `-oConnectTimeout=${CONNECT_TIMEOUT_S}`,
    ...(port === null ? [] : ['-p', port]),
    '--',
    destination,
    // The login shell there reads one line.
    there.map(quoted).join(' '),
  ];
}

/** The last line that is no hint: what ssh says of the way, or the command of its daemon. */
function reasonIn(said: string): string | undefined {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint: '));
  return lines.at(-1)?.trim();
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
    child.on('error', (error) => this.destroy(this.#failure(error.message)));
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
    if (this.#heard || this.destroyed) this.push(null);
    else this.destroy(this.#failure(reasonIn(this.#said) ?? `ssh ended with ${code ?? 'a signal'}`));
  }

  #failure(reason: string): AppError {
    const { program } = this.#endpoint;
    const where = showEndpoint(this.#endpoint);
    return new AppError('DAEMON_UNREACHABLE', `no controller was reached at ${where}: ${reason}`, {
      hint: /not found|No such file/.test(reason)
        ? `"${program}" must run there; name its path: ${where}/PATH/OF/drover`
        : `this must succeed without a question: ssh -o BatchMode=yes ${this.#endpoint.destination} true`,
    });
  }
}
