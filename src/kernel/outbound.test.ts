import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { assertMayCall } from './outbound.ts';

test.each([
  'https://hub.example/x',
  'http://10.0.0.7:8080',
  'far',
  'http://127.0.0.1.far.example',
  'http://[fe80::1]/',
])('offline %s is not called', (address) => {
  expect(() => assertMayCall(address, true)).toThrow(expect.objectContaining({ code: 'OFFLINE' }) as Error);
  expect(() => assertMayCall(address, false)).not.toThrow();
});

test.each(['http://127.0.0.1:8001/health', 'http://localhost:9', 'http://[::1]:8001', '127.0.0.1'])(
  'offline %s is called',
  (address) => {
    expect(() => assertMayCall(address, true)).not.toThrow();
  },
);

/** Every file that can open a connection, and why it may: a new one fails here until somebody has decided. */
const CALLERS: Readonly<Record<string, string>> = {
  'brain/escalations/hooks.ts': 'gate',
  'gateway/relay/upstream.ts': 'gate',
  'telemetry/tracing/traces.ts': 'gate',
  'engines/probe.ts': 'gate',
  'engines/embedded/worker/ready-call.ts': 'the callback that whoever started this worker has named',
  'models/hub/hub-listing.ts': 'a pull, which the controller refuses while it is offline',
  'models/hub/range-source.ts': 'asked for each range whether it is offline',
  'client/transport/node-transport.ts': 'the controller that the user has named',
  'client/transport/fetch-transport.ts': 'the controller that the page has named',
  'cli/commands/remote/dial-stdio.ts': 'the unix socket of the controller',
  'daemon/compose-agent.ts': 'the unix socket of the controller',
};
const OPENS =
  /from 'undici'|from '@opentelemetry\/exporter|(?:await|return|=>?|\()\s*fetch\(|\brequest as request|import \{[^}]*\b(?:connect|createConnection|request)\b[^}]*\} from 'node:(?:net|tls|http|https)'/;

test('whatever can call another machine passes the gate, or has a reason not to', () => {
  const source = resolve(import.meta.dirname, '..');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
    .filter((file) => OPENS.test(readFileSync(join(source, file), 'utf8')))
    .map((file) => relative(source, join(source, file)));

  expect(files.filter((file) => !(file in CALLERS))).toEqual([]);
});
