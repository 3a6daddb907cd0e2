/** The queue as the API shows it. Pure. */

import type { QueueView } from '../contract/index.ts';
import type { GatewaySnapshot } from '../gateway/index.ts';

export function toQueueView(snapshot: GatewaySnapshot): QueueView {
  return {
    queued: snapshot.queued,
    in_flight: snapshot.inFlight,
    models: snapshot.perModel.map(({ model, queued, inFlight, serviceMs }) => ({
      model,
      queued,
      in_flight: inFlight,
      service_ms: serviceMs,
    })),
    slots: snapshot.slots,
    waiting: snapshot.waiting.map((request) => ({
      id: request.id,
      model: request.model,
      class: request.class,
      position: request.position,
      waited_ms: request.waitedMs,
      starts_in_ms: request.startsInMs,
    })),
    forecast: {
      samples: snapshot.forecast.samples,
      median_ms: snapshot.forecast.medianMs,
      p90_ms: snapshot.forecast.p90Ms,
      bias_ms: snapshot.forecast.biasMs,
    },
  };
}
