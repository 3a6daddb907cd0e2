/** Instances: look, start, stop, restart, read their logs. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { InstanceDetailView } from '../../contract/index.ts';
import type { ApiDeps } from '../deps.ts';
import { logFiles } from '../../instances/index.ts';
import { readLogs } from '../../kernel/index.ts';
import { logQuery, streamNames } from '../log-query.ts';
import { sendText } from '../text-stream.ts';

const nameParams = z.object({ name: z.string().min(1) });
const startBody = z.strictObject({
  wait: z.boolean().default(true),
  timeout_ms: z.number().int().min(1).max(86_400_000).default(660_000),
});
const stopBody = z.strictObject({ force: z.boolean().default(false) });

export function instanceRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const read = { config: { scope: 'read' as const } };
  app.get('/v2/instances', read, () => deps.instances.list());
  app.get('/v2/instances/:name', read, async (request) => {
    const detail = await deps.instances.describe(nameOf(request));
    return request.isOperator ? detail : withoutKey(detail);
  });
  app.post('/v2/instances/:name/start', (request) => {
    const { wait, timeout_ms: timeoutMs } = startBody.parse(request.body ?? {});
    return deps.instances.start(nameOf(request), { wait, timeoutMs });
  });
  app.post('/v2/instances/:name/stop', (request) =>
    deps.instances.stop(nameOf(request), stopBody.parse(request.body ?? {})),
  );
  app.post('/v2/instances/:name/restart', (request) => {
    const { wait, timeout_ms: timeoutMs } = startBody.parse(request.body ?? {});
    return deps.instances.restart(nameOf(request), { wait, timeoutMs });
  });
  app.delete('/v2/instances/:name', (request) => deps.instances.remove(nameOf(request)));
  app.get('/v2/instances/:name/logs', read, async (request, reply) => {
    const { stream, tail, follow } = logQuery.parse(request.query);
    const name = nameOf(request);
    deps.instances.assertKnown(name);
    const files = logFiles(deps.home, name);
    const paths = streamNames(stream).map((each) => files[each]);
    await sendText(reply, (signal) => readLogs({ paths, tailLines: tail, follow, signal, clock: deps.clock }));
  });
}

/** Whoever may only read gets no key to an engine. */
function withoutKey(detail: InstanceDetailView): InstanceDetailView {
  const { report, config } = detail;
  return {
    ...detail,
    report: report && { ...report, key: null },
    config: config && { ...config, server: { ...config.server, key: 'auto' } },
  };
}

function nameOf(request: FastifyRequest): string {
  return nameParams.parse(request.params).name;
}
