/** What Prometheus asks for. */

import { defineRoute } from '../route.ts';

export const metricRoutes = [
  defineRoute({
    method: 'GET',
    path: '/metrics',
    tag: 'daemon',
    summary: 'Metrics of requests, models, instances, devices and batches',
    description: 'For Prometheus; see metrics.md.',
    scope: 'read',
    answers: { 200: { about: 'Text of Prometheus', media: ['text/plain'] } },
    async handle({ reply }, { telemetry }) {
      const { contentType, text } = await telemetry.scrape();
      return reply.type(contentType).header('cache-control', 'no-store').send(text);
    },
  }),
];
