/** All that crosses a wire or a file. The CLI imports only types from here, and the zod-free files by name. */

export * from './agent-protocol.ts';
export * from './benches.ts';
export * from './daemon.ts';
export * from './devices.ts';
export * from './diagnostics.ts';
export * from './durations.ts';
export * from './engine-flags.ts';
export * from './engine-key.ts';
export * from './engine-view.ts';
export * from './errors.ts';
export * from './escalations.ts';
export * from './exit-codes.ts';
export * from './facts.ts';
export * from './instance-config.ts';
export * from './instance-views.ts';
export * from './instances.ts';
export * from './keys.ts';
export * from './models.ts';
export * from './plans.ts';
export * from './progress.ts';
export * from './requests.ts';
export * from './signals.ts';
export * from './tasks.ts';
export * from './training.ts';
