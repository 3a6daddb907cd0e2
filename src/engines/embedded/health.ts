/** The embedded worker answers health probes as llama-server does; one reading serves both. */

export { classifyHealth, healthPaths } from '../llama-server/health.ts';
