/** Some servers tell their properties in llama-server's shape; one reading serves all, and null is an answer. */

export { parseContextSize } from '../llama-server/props.ts';
