/** Where things lie, the daemon's settings, and the config files of instances: read, checked, resolved. */

export * from './autostart-list.ts';
export type { BrainSetting } from './brain-setting.ts';
export { namedConfig } from './imported.ts';
export * from './instance-config.ts';
export * from './edit-settings.ts';
export * from './instance-problem.ts';
export * from './instance-template.ts';
export * from './json-file.ts';
export * from './live-settings.ts';
export * from './load-settings.ts';
export * from './log-folder.ts';
export * from './model-source.ts';
export * from './paths.ts';
export * from './problem.ts';
export * from './resolve-spec.ts';
export * from './save-instance.ts';
export * from './schema-files.ts';
export * from './settings.ts';
export * from './validate-instance.ts';
export * from './version.ts';
