/** Where things lie, the daemon's settings, and the config files of instances: read, checked, resolved. */

export * from './autostart-list.ts';
export type { BrainSetting } from './settings/brain-setting.ts';
export { namedConfig } from './importing/imported.ts';
export * from './instances/instance-config.ts';
export * from './settings/edit-settings.ts';
export * from './instances/instance-problem.ts';
export * from './instances/instance-template.ts';
export * from './reading/json-file.ts';
export * from './settings/keyless-door.ts';
export * from './settings/live-settings.ts';
export * from './settings/load-settings.ts';
export * from './log-folder.ts';
export * from './instances/model-source.ts';
export * from './paths.ts';
export * from './reading/problem.ts';
export * from './instances/resolve-spec.ts';
export * from './instances/save-instance.ts';
export * from './schema-files.ts';
export * from './settings/settings.ts';
export * from './instances/validate-instance.ts';
export * from './version.ts';
