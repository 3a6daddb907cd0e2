/** Telemetry: what Prometheus and OpenTelemetry are told of the controller. */

export { createTelemetry } from './telemetry.ts';
export type { Telemetry } from './telemetry.ts';
export type { MetricViews } from './metrics/views.ts';
