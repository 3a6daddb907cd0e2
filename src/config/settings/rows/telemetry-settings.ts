/** Settings of what the daemon tells of itself. */

import { webAddress } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface TelemetrySettings {
  /** Of a collector of OpenTelemetry; null: no traces. */
  readonly otlpEndpoint: string | null;
}

export const TELEMETRY_SETTINGS: SettingTable<TelemetrySettings> = {
  otlpEndpoint: {
    key: 'otlp_endpoint',
    env: 'DROVER_OTLP_ENDPOINT',
    kind: webAddress,
    about: 'Collector of OpenTelemetry that gets traces over HTTP, such as http://127.0.0.1:4318, or off.',
    counts: 'after-restart',
    fallback: () => null,
  },
};
