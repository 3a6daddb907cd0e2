/** Instances: engines under supervision. */

export * from './supervisor.ts';
