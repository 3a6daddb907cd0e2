/** The dashboard from its first frame to its last: builds the parts, performs effects, gives the terminal back. */

import { setMaxListeners } from 'node:events';

import type { InstanceView } from '../contract/instance-views.ts';
import { asAppError } from '../contract/errors.ts';
import type { Client } from '../client/index.ts';
import { assertNever } from '../kernel/assert-never.ts';
import type { Clock } from '../kernel/clock.ts';
import { createScope } from '../kernel/scope.ts';
import { createFeed, takePicture } from './feed.ts';
import { openKeyboard } from './keyboard.ts';
import { paintLine } from './line.ts';
import { createPulse } from './pulse.ts';
import { openScreen } from './screen.ts';
import { initialState } from './state.ts';
import type { DashboardEvent, Effect, Verb } from './state.ts';
import { createStore } from './store.ts';
import { viewOf } from './view/view.ts';

interface DashboardOptions {
  /** Its signal ends with the dashboard, so that no call outlives it. */
  readonly createClient: (signal: AbortSignal) => Client;
  readonly clock: Clock;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly process: NodeJS.Process;
  readonly colours: boolean;
  /** Ends the dashboard from outside. */
  readonly signal: AbortSignal;
}

/** Frames are drawn no more often. */
const FRAME_MS = 40;

/** Resolves when the user or the signal ends it; rejects with what broke it. The terminal is as before either way. */
export async function runDashboard(options: DashboardOptions): Promise<'quit' | 'interrupted'> {
  const { clock, stdin, stdout, process, colours } = options;
  using end = createEnd(options);
  await using scope = createScope(end.fail);
  // Every call under way listens to it; a warning about their number would be written into the screen.
  setMaxListeners(0, scope.signal);
  const client = options.createClient(scope.signal);
  const picture = await takePicture(client, clock);
  using screen = openScreen(stdout, process, (size) => store.post({ kind: 'resized', size }));
  using frames = createPulse({
    clock,
    spacingMs: FRAME_MS,
    beat: () => screen.draw(viewOf(store.state()).map((line) => paintLine(line, { colours }))),
  });
  const store = createStore(initialState(screen.size(), picture), { perform, onChange: frames.ask });
  const feed = createFeed({ client, clock, store }, scope);

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case 'refresh':
        return feed.refresh();
      case 'act':
        return scope.run(async () => store.post(await act(client, clock, effect)));
      case 'follow-log':
        return feed.followLog(effect.name, effect.stream);
      case 'leave-log':
        return feed.leaveLog();
      case 'quit':
        return end.quit(effect.interrupted ? 'interrupted' : 'quit');
      default:
        return assertNever(effect);
    }
  }

  using _keyboard = openKeyboard(stdin, (key) => store.post({ kind: 'key-pressed', key }));
  frames.ask();
  feed.start();
  return await end.reached;
}

interface End extends Disposable {
  readonly reached: Promise<'quit' | 'interrupted'>;
  quit(how: 'quit' | 'interrupted'): void;
  fail(error: unknown): void;
}

/** All the ways in which the dashboard ends: a key, the signal, an error that nobody caught. */
function createEnd({ process, signal }: DashboardOptions): End {
  let quit: End['quit'] = () => {};
  let fail: End['fail'] = () => {};
  const reached = new Promise<'quit' | 'interrupted'>((resolve, reject) => {
    quit = resolve;
    fail = (error) => reject(asAppError(error));
  });
  const interrupt = (): void => quit('interrupted');
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return {
    reached,
    quit,
    fail,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', interrupt);
      process.off('uncaughtException', fail);
      process.off('unhandledRejection', fail);
    },
  };
}

async function act(
  client: Client,
  clock: Clock,
  { verb, name }: { readonly verb: Verb; readonly name: string },
): Promise<DashboardEvent> {
  const since = clock.monotonic();
  try {
    const view = await call(client, verb, name);
    return { kind: 'action-done', verb, name, outcome: outcomeOf(view), tookMs: clock.monotonic() - since };
  } catch (error) {
    const { message, hint } = asAppError(error);
    return { kind: 'action-failed', verb, name, message, hint: hint ?? null };
  }
}

function call(client: Client, verb: Verb, name: string): Promise<InstanceView> {
  switch (verb) {
    case 'start':
      return client.startInstance(name);
    case 'stop':
      return client.stopInstance(name);
    case 'restart':
      return client.restartInstance(name);
    default:
      return assertNever(verb);
  }
}

function outcomeOf({ status, port, pid }: InstanceView): string {
  return status === 'ready' && port !== null ? `ready on port ${port}, pid ${pid ?? '-'}` : status;
}
