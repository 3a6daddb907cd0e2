/** Errors and keep-alives of the Responses API: OpenAI's, but for the errors of a stream. Pure. */

import type { WireProtocol } from '../call.ts';
import { errorMessage } from '../openai/errors.ts';
import { openAi } from '../openai/protocol.ts';

export const responsesWire: WireProtocol = {
  ...openAi,
  renderStreamError: (error) => errorFrame(error.code.toLowerCase(), errorMessage(error)),
};

/** The number comes after any that the stream may have had. */
function errorFrame(code: string, message: string): string {
  const data = { type: 'error', code, message, param: null, sequence_number: Number.MAX_SAFE_INTEGER };
  return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
}
