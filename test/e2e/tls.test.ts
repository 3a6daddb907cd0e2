/** The front door over TLS, beyond this machine, for pages of other origins, and against who holds it open. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { Agent, fetch } from 'undici';
import { expect, test } from 'vitest';

import type { CreatedKeyView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { restOf } from '../support/rest.ts';

test('a door beyond this machine opens only when there is a key, and speaks TLS', async () => {
  await using house = await openHouse();
  const { key } = await house.json<CreatedKeyView>('key', 'create', '--scope', 'read');
  const files = certificate(house);
  await house.drover('config', 'set', 'bind', '0.0.0.0');
  await house.drover('daemon', 'stop');

  const started = await house.drover('daemon', 'start', '--tls-cert', files.cert, '--tls-key', files.key);

  expect(started.stdout + started.stderr).toContain(`https://127.0.0.1:${house.port}`);
  const ask = async (headers: Record<string, string>): Promise<number> => {
    const dispatcher = new Agent({ connect: { ca: readFileSync(files.cert) } });
    const { status } = await fetch(`https://localhost:${house.port}/v2/instances`, { headers, dispatcher });
    await dispatcher.close();
    return status;
  };
  expect(await ask({})).toBe(401);
  expect(await ask({ authorization: `Bearer ${key}` })).toBe(200);
  const remote = await house.drover('-H', `https://localhost:${house.port}`, 'ps');
  expect(remote.code).toBe(6); // the certificate is nobody's this machine trusts
});

test('without a key it does not, and says what to do', async () => {
  await using house = await openHouse({ DROVER_BIND: '0.0.0.0' });

  const refused = await house.drover('daemon', 'start');

  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('drover key create') as string });
});

test('files that are no certificate are refused with their names', async () => {
  await using house = await openHouse({ DROVER_TLS_CERT: '/etc/hostname', DROVER_TLS_KEY: '/etc/hostname' });

  const refused = await house.drover('daemon', 'start');
  const given = await house.drover('daemon', 'start', '--tls-cert', '/etc/hostname', '--tls-key', '/etc/hosts');
  const half = await house.drover('daemon', 'start', '--tls-cert', '/etc/hostname');

  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('/etc/hostname') as string });
  expect(given).toMatchObject({ code: 4, stderr: expect.stringContaining('/etc/hosts') as string });
  expect(half).toMatchObject({ code: 4, stderr: expect.stringContaining('both') as string });
});

test('a page of an origin in the settings reads answers, others do not, and who sends slowly is cut', async () => {
  await using house = await openHouse();
  await house.drover('config', 'set', 'cors_origins', 'https://chat.example');
  await house.drover('config', 'set', 'header_timeout', '1s');
  await house.drover('daemon', 'start');
  const door = restOf(house, 'tcp');
  const preflight = (origin: string) =>
    door.ask('/v1/chat/completions', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });

  expect(await preflight('https://chat.example')).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-origin': 'https://chat.example', 'access-control-allow-headers': 'authorization' },
  });
  expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
  const read = await door.ask('/v1/models', {
    headers: { origin: 'https://chat.example', 'sec-fetch-site': 'cross-site' },
  });
  expect([read.status, read.headers['access-control-allow-origin']]).toEqual([200, 'https://chat.example']);
  expect((await door.ask('/v1/models', { headers: { host: '127.0.0.1.evil.example' } })).status).toBe(403);
  expect(await lastWords(house, 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-slow: ')).toContain(
    ' 408 ',
  );
});

/** What a connection hears before it is closed. */
function lastWords(house: House, sent: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(house.port, '127.0.0.1', () => socket.write(sent));
    socket.on('data', (data) => (heard += data.toString()));
    socket.on('error', () => {}); // who closes on unread bytes resets
    socket.on('close', () => resolve(heard));
  });
}

function certificate({ home }: House): { readonly cert: string; readonly key: string } {
  const files = { cert: join(home, 'door.crt'), key: join(home, 'door.key') };
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  execFileSync('openssl', [...kind, ...subject, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return files;
}
