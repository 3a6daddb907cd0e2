/** Any program that answers its health path with a success is healthy, as llama-server is. */

export { classifyHealth, healthPaths } from '../llama-server/health.ts';
