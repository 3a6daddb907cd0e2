/**
 * The command line of bubblewrap for one attempt: the system read-only, the batch folder writable, a /tmp and a process
 * namespace of its own, the device nodes of cards kept. Pure.
 */

interface SandboxSpec {
  /** The program of bubblewrap. */
  readonly bwrap: string;
  /** Writable: the batch folder. */
  readonly cwd: string;
  /** Further paths to write. */
  readonly write: readonly string[];
  /** Paths to see beside the system; none: everything. */
  readonly read: readonly string[];
  /** Seen even where a private folder would hide them: the plan's folder. */
  readonly keep: readonly string[];
  /** Files that nobody in it may read. */
  readonly hide: readonly string[];
  readonly network: boolean;
  /** Nodes of cards below /dev. */
  readonly deviceNodes: readonly string[];
}

const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  '/sys',
  '/run/systemd/resolve',
];

/**
 * bubblewrap itself must outlive a SIGTERM to the group, or the command inside would get no grace: the shell around it
 * ignores the signal for both, and `env` restores it for the command.
 */
const SHIELD = 'trap "" TERM INT HUP; exec "$@"';
const UNSHIELD = ['env', '--default-signal=TERM,INT,HUP'];

/** What to launch in place of `program`. */
export function sandboxed(program: readonly string[], bash: string, spec: SandboxSpec): readonly string[] {
  return [bash, '-c', SHIELD, 'sandbox', spec.bwrap, ...argumentsOf(spec), '--', ...UNSHIELD, ...program];
}

function argumentsOf({ cwd, write, read, keep, hide, network, deviceNodes }: SandboxSpec): string[] {
  const each = (flag: string, paths: readonly string[]): string[] => paths.flatMap((path) => [flag, path, path]);
  return [
    ...(read.length === 0 ? ['--ro-bind', '/', '/'] : each('--ro-bind-try', [...SYSTEM, ...read])),
    '--dev',
    '/dev',
    ...each('--dev-bind-try', deviceNodes),
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    ...each('--ro-bind-try', keep),
    ...each('--bind-try', write),
    ...each('--bind', [cwd]),
    ...hide.flatMap((path) => ['--ro-bind-try', '/dev/null', path]),
    '--setenv',
    'TMPDIR',
    '/tmp',
    '--unshare-pid',
    '--die-with-parent',
    ...(network ? [] : ['--unshare-net']),
    '--chdir',
    cwd,
  ];
}
