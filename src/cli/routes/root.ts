/** The tree of commands. Loading it costs little: what a command does is loaded when it runs. */

import { buildRouteMap } from '@stricli/core';

import { bench } from './bench.ts';
import { config } from './config.ts';
import { daemon, events, installService, queue, status, version, watch } from './daemon.ts';
import { devices } from './devices.ts';
import { escalations } from './escalations.ts';
import { clone, edit, init, rm } from './instance-configs.ts';
import { adopt, dashboard, describe, down, drain, health, logs, ps, restart, up } from './instances.ts';
import { audit, key } from './keys.ts';
import { engine, infer } from './engines.ts';
import { models } from './models.ts';
import { mcp } from './mcp.ts';
import { plan } from './plan.ts';
import { batch, submit, task, why } from './plans.ts';
import { checkout, context, dialStdio, pool } from './remote.ts';
import { requests } from './requests.ts';
import { worker } from './workers.ts';
import { doctor, policy, secrets } from './safety.ts';
import { training } from './training.ts';

export const root = buildRouteMap({
  routes: {
    up,
    down,
    restart,
    drain,
    adopt,
    ps,
    dashboard,
    logs,
    describe,
    health,
    init,
    clone,
    edit,
    rm,
    infer,
    models,
    engine,
    worker,
    plan,
    submit,
    batch,
    task,
    why,
    escalations,
    training,
    mcp,
    status,
    watch,
    events,
    devices,
    queue,
    requests,
    key,
    audit,
    daemon,
    installService,
    config,
    policy,
    secrets,
    doctor,
    bench,
    context,
    pool,
    checkout,
    dialStdio,
    version,
  },
  docs: {
    brief: 'Herds llamas: inference servers, one front door, and batch plans on your own machines',
    fullDescription: `Herds llamas: inference servers, one front door, and batch plans on your own machines.

First steps:
  drover models demo
  drover init chat --profile cpu -m demo
  drover up chat
  drover infer --model chat --prompt "hello"

Every command takes -H HOST (or DROVER_HOST) to talk to another controller: http://HOST:PORT, ssh://USER@HOST, a name
of "drover context ls", or the path of a socket.
Commands that read take --json. "drover COMMAND --help" explains each.`,
  },
});
