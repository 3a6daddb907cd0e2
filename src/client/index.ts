/** The client of a Drover controller. Needs nothing but Node. */

export type { SubmitBody, TaskFilter } from './batch-client.ts';
export type { ChatEvent, ChatRequest, ChatUsage } from './chat.ts';
export * from './client.ts';
export { parseEndpoint, showEndpoint } from './endpoint.ts';
export type { Endpoint } from './endpoint.ts';
export type { FactFilter } from './facts.ts';
export type { StartRequest } from './instance-client.ts';
export type { LogRequest } from './logs.ts';
export { createSseParser } from './sse.ts';
export type { ServerSentEvent, SseParser } from './sse.ts';
export { AppError } from '../contract/errors.ts';
