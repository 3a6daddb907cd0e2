/** The embedded worker tells its slots in llama-server's shape; one reading serves both. */

export { parseSlots } from '../llama-server/slots.ts';
