/** What the client's two faces, for Node and for browsers, have in common. */

export type { SubmitBody, TaskFilter } from './nouns/batch-client.ts';
export type { ChatEvent, ChatRequest, ChatUsage, Sampling } from './streams/chat.ts';
export type { Client } from './client.ts';
export type { DroverOptions } from './sdk/drover-nouns.ts';
export { parseEndpoint, showEndpoint } from './transport/endpoint.ts';
export type { Endpoint } from './transport/endpoint.ts';
export type { FactFilter } from './streams/facts.ts';
export type { StartRequest } from './nouns/instance-client.ts';
export type { LogRequest } from './nouns/logs.ts';
export type { ModelFileEntry } from './nouns/model-client.ts';
export { createSseParser } from './streams/sse.ts';
export type { ServerSentEvent, SseParser } from './streams/sse.ts';
export type { InferenceTaskFilter, TaskReading } from './nouns/task-client.ts';
export { AppError } from '../contract/errors.ts';
