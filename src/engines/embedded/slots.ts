/** The embedded worker tells its slots and properties in llama-server's shape; one reading serves both. */

export { parseProps, parseSlots } from '../llama-server/slots.ts';
