/** The client of a Drover controller. Needs nothing but Node. */

export type { ChatEvent, ChatRequest, ChatUsage } from './chat.ts';
export * from './client.ts';
export { parseEndpoint, showEndpoint } from './endpoint.ts';
export type { Endpoint } from './endpoint.ts';
export type { FactFilter } from './facts.ts';
export { createSseParser } from './sse.ts';
export type { ServerSentEvent, SseParser } from './sse.ts';
export { AppError } from '../contract/errors.ts';
