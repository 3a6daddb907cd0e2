/** Drover's tools for planners that speak the Model Context Protocol. */

export { createMcpServer } from './server.ts';
export { serveStdio } from './stdio.ts';
