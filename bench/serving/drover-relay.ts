/** Drover's gateway alone: queue, slots and the relay, without keys, metrics and a log. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createGateway, createModelDirectory } from '../../src/gateway/index.ts';
import { silentLog, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { report } from '../../test/support/gateway-rig.ts';

const instance = { name: 'bench', port: Number(process.argv[2]), slots: 1_000 };
const models = createModelDirectory();
models.setInstances([
  { name: 'bench', desired: 'running', modelId: null, aliases: [], drained: false, ephemeral: false },
]);
const gateway = createGateway({
  clock: systemClock,
  log: silentLog,
  random: systemRandom,
  models,
  frontDoorUrl: () => '',
  wake: () => Promise.resolve(),
});
gateway.setInstances([report(instance, { contextSize: 1_000_000 })]);

const server = createServer((request, response) => gateway.handle(request, response, null));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`); // a TCP server has an AddressInfo
});
