/** The controller's two doors over its parts: TCP for everybody, the socket for agents and for whoever is on this machine. */

import { createApiServers, openKeyRing } from '../api/index.ts';
import type { ApiDeps, DaemonControl, KeyRing } from '../api/index.ts';
import type { HomePaths, LiveSettings, Reloaded } from '../config/index.ts';
import { AppError } from '../contract/index.ts';
import type { ReloadView } from '../contract/index.ts';
import { createEngines, listEngines } from '../engines/index.ts';
import { createArtifacts, createPlanShelf } from '../fleet/index.ts';
import { every } from '../kernel/index.ts';
import type { Scope } from '../kernel/index.ts';
import { createDaemonControl } from './daemon-control.ts';
import { assertReachable, doorRules, readTls } from './door-rules.ts';
import { closeServer, listenSocket, listenTcp } from './listen.ts';

/** What the API takes as it is. */
type ServedParts = Pick<
  ApiDeps,
  | 'store'
  | 'clock'
  | 'brain'
  | 'training'
  | 'gateway'
  | 'tasks'
  | 'telemetry'
  | 'hosts'
  | 'instances'
  | 'models'
  | 'modelFiles'
  | 'modelCopies'
  | 'modelDownloads'
  | 'pools'
  | 'deviceKeeper'
>;

interface DoorsDeps extends Pick<ApiDeps, 'version' | 'log'> {
  readonly paths: HomePaths;
  readonly settings: LiveSettings;
  readonly parts: ServedParts;
  /** Of the front door, once it listens. */
  readonly url: () => string;
  readonly onStop: DaemonControl['stop'];
  /** Closes what listens. */
  readonly scope: Scope;
}

interface Doors {
  /** Resolves with the address that was bound. Rejects with PORT_TAKEN. */
  listenTcp(): Promise<string>;
  listenSocket(): Promise<void>;
}

/** Nobody listens yet. */
export async function composeDoors(deps: DoorsDeps): Promise<Doors> {
  const { paths, version, scope, parts } = deps;
  const settings = deps.settings.current();
  const daemon = createDaemonControl({
    ...parts,
    settings,
    version,
    socket: paths.socket,
    url: deps.url,
    reload: () => reloadView(deps.settings.reload()),
    onStop: deps.onStop,
  });
  const keys = await composeKeys(deps);
  assertReachable(settings, keys);
  const servers = await createApiServers({
    ...parts,
    daemon,
    keys,
    artifacts: createArtifacts({ store: parts.store, folder: paths.artifacts }),
    door: () => doorRules(deps.settings.current(), settings.bind, keys),
    limits: settings,
    tls: readTls(settings),
    plans: createPlanShelf({ ...parts, home: paths.plans, folders: () => deps.settings.current().planFolders }),
    engines: (signal) => listEngines(createEngines({ home: paths.home, environment: process.env }), signal),
    version,
    log: deps.log.child({ component: 'api' }),
    home: paths.home,
    signal: scope.signal,
  });
  return {
    async listenTcp() {
      const base = await listenTcp(servers.tcp, settings);
      scope.defer(() => closeServer(servers.tcp));
      return base;
    },
    async listenSocket() {
      await listenSocket(servers.socket, paths.socket);
      scope.defer(() => closeServer(servers.socket));
    },
  };
}

/** The ring of keys; when they were used is written down by and by, and at the end. */
async function composeKeys({ parts, scope, log }: DoorsDeps): Promise<KeyRing> {
  const { store, clock, gateway } = parts;
  const keys = await openKeyRing({
    store,
    clock,
    onVoid: (id) => void gateway.endRequests(({ key }) => key === `key:${id}`, revoked()),
  });
  const failed = (error: unknown): void => log.error({ err: error }, 'uses of keys could not be noted');
  scope.run(() => every(clock, USES_MS, scope.signal, () => keys.noteUses(), failed));
  scope.defer(() => keys.noteUses());
  return keys;
}

const USES_MS = 60_000;

function revoked(): AppError {
  return new AppError('UNAUTHORIZED', 'the key of this request was revoked');
}

function reloadView({ applied, needsRestart }: Reloaded): ReloadView {
  return { applied, needs_restart: needsRestart };
}
