/**
 * The daemon's own settings, as one table: the key in `$DROVER_HOME/config.json`, the variable, the kind of value, what
 * it is for, and when a change counts. Its rows stand in `rows/`; how they are read is `load-settings.ts`.
 */

import { DEVICE_SETTINGS } from './rows/device-settings.ts';
import type { DeviceSettings } from './rows/device-settings.ts';
import { DOOR_SETTINGS } from './rows/door-settings.ts';
import type { DoorSettings } from './rows/door-settings.ts';
import { HOUSE_SETTINGS } from './rows/house-settings.ts';
import type { HouseSettings } from './rows/house-settings.ts';
import { MODEL_SETTINGS } from './rows/model-settings.ts';
import type { ModelSettings } from './rows/model-settings.ts';
import { PLACEMENT_SETTINGS } from './rows/placement-settings.ts';
import type { PlacementSettings } from './rows/placement-settings.ts';
import { PLAN_SETTINGS } from './rows/plan-settings.ts';
import type { PlanSettings } from './rows/plan-settings.ts';
import { REQUEST_SETTINGS } from './rows/request-settings.ts';
import type { RequestSettings } from './rows/request-settings.ts';
import { TELEMETRY_SETTINGS } from './rows/telemetry-settings.ts';
import type { TelemetrySettings } from './rows/telemetry-settings.ts';
import { TROUBLE_SETTINGS } from './rows/trouble-settings.ts';
import type { TroubleSettings } from './rows/trouble-settings.ts';
import type { SettingTable } from './setting.ts';

export interface Settings
  extends
    HouseSettings,
    DoorSettings,
    DeviceSettings,
    ModelSettings,
    PlacementSettings,
    PlanSettings,
    RequestSettings,
    TelemetrySettings,
    TroubleSettings {}

export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default';

export type SettingName = keyof Settings;

export const SETTINGS: SettingTable<Settings> = {
  ...HOUSE_SETTINGS,
  ...DOOR_SETTINGS,
  ...DEVICE_SETTINGS,
  ...MODEL_SETTINGS,
  ...PLACEMENT_SETTINGS,
  ...PLAN_SETTINGS,
  ...REQUEST_SETTINGS,
  ...TELEMETRY_SETTINGS,
  ...TROUBLE_SETTINGS,
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The JSON Schema of the file, for editors, generated from the table that reads it. */
export function settingsJsonSchema(): Readonly<Record<string, unknown>> {
  const fields = SETTING_NAMES.map((name) => {
    const { key, kind, about, env } = SETTINGS[name];
    return [key, { ...kind.schema, description: env === undefined ? about : `${about} (${env})` }] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Drover settings',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(fields) },
    additionalProperties: false,
  };
}
