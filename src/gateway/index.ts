/** The gateway: one OpenAI-compatible front door, one fair queue, slots by lease, bytes relayed from engines. */

export * from './limits.ts';
export * from './types.ts';
export { remainingOf } from './durable/budget.ts';
export { createDurableRequests } from './durable/durable-requests.ts';
export type { DurableRequests, SeenTask } from './durable/durable-requests.ts';
export { outputOf } from './durable/event-log.ts';
export { SESSION_IDLE_MS, sessionNotFound } from './durable/sessions.ts';
export { createModelDirectory } from './placing/directory.ts';
export type { FedModelDirectory } from './placing/directory.ts';
export { errorHeaders } from './protocols/openai/errors.ts';
export { isFrontDoorPath, wireOf } from './protocols/routes.ts';
export { createGateway } from './gateway.ts';
export type { Gateway } from './gateway.ts';
export { ReaderPace } from './relay/reader-pace.ts';
export { isSlotToken } from './slots/held-slots.ts';
export { presentedKey } from './door/presented-key.ts';
export { bodyTooLarge } from './door/visit.ts';
export type { Holder } from './door/holders.ts';
export type { SeenRequest } from './inspect/seen-requests.ts';
export type { WaitedFor, Waiters, Wake, WakeCall, WakeCourse } from './waking/wake-calls.ts';
