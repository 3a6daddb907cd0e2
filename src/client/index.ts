/** The client of a Drover controller, for programs on Node. What browsers get of the same name is `browser.ts`. */

export { createClient } from './node-client.ts';
export type { ClientOptions } from './node-client.ts';
export { Drover } from './sdk/node-drover.ts';
export * from './shared.ts';
