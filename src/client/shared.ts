/** What the client's two faces, for Node and for browsers, have in common. */

export type { SubmitBody, TaskFilter } from './batch-client.ts';
export type { ChatEvent, ChatRequest, ChatUsage, Sampling } from './chat.ts';
export type { Client } from './client.ts';
export type { DroverOptions } from './drover-nouns.ts';
export { parseEndpoint, showEndpoint } from './endpoint.ts';
export type { Endpoint } from './endpoint.ts';
export type { FactFilter } from './facts.ts';
export type { StartRequest } from './instance-client.ts';
export type { LogRequest } from './logs.ts';
export type { ModelFileEntry } from './model-client.ts';
export { createSseParser } from './sse.ts';
export type { ServerSentEvent, SseParser } from './sse.ts';
export type { InferenceTaskFilter, TaskReading } from './task-client.ts';
export { AppError } from '../contract/errors.ts';
