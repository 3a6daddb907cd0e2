/** The embedded worker tells its properties in llama-server's shape; one reading serves both. */

export { parseContextSize } from '../llama-server/props.ts';
