/** What `import … from 'drover/client'` means in a browser: over `fetch`, and without a line of Node. */

export { Drover } from './sdk/browser-drover.ts';
export * from './shared.ts';
