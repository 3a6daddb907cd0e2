/** Domain-free parts: time, alarms, randomness, ids, mailboxes, scopes, the bus, logs, process identity, locks, whole files. */

export * from './alarm.ts';
export * from './assert-never.ts';
export * from './bounded.ts';
export * from './bus.ts';
export * from './clock.ts';
export * from './detached/index.ts';
export * from './file-end.ts';
export * from './files.ts';
export * from './groups.ts';
export * from './heap.ts';
export * from './ids.ts';
export * from './in-turn.ts';
export * from './installation.ts';
export * from './lock.ts';
export * from './log.ts';
export * from './logs/index.ts';
export * from './loopback.ts';
export * from './mailbox.ts';
export * from './nearest.ts';
export * from './packed-text.ts';
export * from './nesting.ts';
export * from './outbound.ts';
export * from './process-identity.ts';
export * from './random.ts';
export * from './scope.ts';
export * from './tar/index.ts';
