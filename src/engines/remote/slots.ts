/** Some servers tell their slots in llama-server's shape; one reading serves all, and null is an answer. */

export { parseSlots } from '../llama-server/slots.ts';
