/** Where everything lies under `DROVER_HOME`. Names only: nothing here reads, makes or checks a file. */

import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Node cuts longer socket paths silently; the kernel's limit is 104 to 108 bytes. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Names the controller of this machine's home; no context can have this name. */
export const LOCAL = 'local';

/** `DROVER_HOME`, made absolute, else `~/.drover`. An empty variable counts as unset. */
export function homeFromEnvironment(env: Environment): string {
  const given = env['DROVER_HOME'];
  if (!given) return join(env['HOME'] || homedir(), '.drover');
  return isAbsolute(given) ? resolve(given) : resolve(process.cwd(), given);
}

export interface HomePaths {
  readonly home: string;
  /** Sockets, locks, markers: worthless after a reboot. */
  readonly run: string;
  readonly socket: string;
  readonly controllerLock: string;
  readonly agentLock: string;
  /** Present after `daemon stop`: controller and agent do not restart each other then. */
  readonly stoppedMarker: string;
  /** Why the last controller could not start, as one JSON line. */
  readonly startError: string;
  /** One folder per instance, each with `config.json`. */
  readonly instances: string;
  readonly agent: string;
  readonly logs: string;
  readonly controllerLog: string;
  readonly agentLog: string;
  /** The decisions among the facts, for `tail -f`. */
  readonly decisionLog: string;
  readonly models: string;
  readonly engines: string;
  readonly plans: string;
  /** Bytes that clients leave, by their SHA-256. */
  readonly artifacts: string;
  /** Prompts with their answers, and what people think of them. */
  readonly training: string;
  readonly database: string;
  /** The daemon's own settings. */
  readonly configFile: string;
  /** Instances that come up with the daemon, beside those whose config says so. */
  readonly autostartFile: string;
  /** Names of other controllers. */
  readonly contextsFile: string;
  /** The boot in which the last controller ran. */
  readonly bootFile: string;
}

export function homePaths(home: string): HomePaths {
  const run = join(home, 'run');
  const logs = join(home, 'logs');
  return {
    home,
    run,
    socket: socketPath(home),
    controllerLock: join(run, 'controller.lock'),
    agentLock: join(run, 'agent.lock'),
    stoppedMarker: join(run, 'stopped'),
    startError: join(run, 'start-error.json'),
    instances: join(home, 'instances'),
    agent: join(home, 'agent'),
    logs,
    controllerLog: join(logs, 'controller.log'),
    agentLog: join(logs, 'agent.log'),
    decisionLog: join(logs, 'brain_decisions.log'),
    models: join(home, 'models'),
    engines: join(home, 'engines'),
    plans: join(home, 'plans'),
    artifacts: join(home, 'artifacts'),
    training: join(home, 'training'),
    database: join(home, 'store.db'),
    configFile: join(home, 'config.json'),
    autostartFile: join(home, 'autostart.json'),
    contextsFile: join(home, 'contexts.json'),
    bootFile: join(run, 'boot-id'),
  };
}

/**
 * The controller's socket: `run/drover.sock`, or, where that is too long for a socket, a name hashed from the home in
 * `socketFolder`. Whoever listens there makes the folder, mode 0700.
 */
export function socketPath(home: string, temporary: string = tmpdir()): string {
  const plain = join(home, 'run', 'drover.sock');
  if (Buffer.byteLength(plain) <= MAX_SOCKET_PATH_BYTES) return plain;
  // Loaded by the few who need it: every command computes its paths.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const name = `${createHash('sha256').update(home).digest('hex').slice(0, 16)}.sock`;
  const hashed = join(temporary, socketFolderName(), name);
  return Buffer.byteLength(hashed) <= MAX_SOCKET_PATH_BYTES ? hashed : join('/tmp', socketFolderName(), name);
}

/** The home whose controller answers at this socket, which must be absolute; null for one that lies outside of its home. */
export function homeOfSocket(socket: string): string | null {
  const home = dirname(dirname(socket));
  return socketPath(home) === socket ? home : null;
}

function socketFolderName(): string {
  return `drover-${userInfo().uid}`;
}

/** The folder of an instance and its config file. */
export function instanceConfigFile(home: string, name: string): string {
  return join(home, 'instances', name, 'config.json');
}
