/** Errors and keep-alives of the Responses API: OpenAI's, but for the errors of a stream. Pure. */

import type { WireProtocol } from '../call.ts';
import { errorMessage } from '../openai/errors.ts';
import { openAi } from '../openai/protocol.ts';

/** The events of one stream are numbered from 0, whoever tells them. */
export type NextNumber = () => number;

export function eventNumbers(): NextNumber {
  let next = 0;
  return () => next++;
}

/** Of one request: an error event has the next number of its stream. */
export function responsesWire(nextNumber: NextNumber): WireProtocol {
  return {
    ...openAi,
    renderStreamError: (error) => errorFrame(error.code.toLowerCase(), errorMessage(error), nextNumber()),
  };
}

function errorFrame(code: string, message: string, number: number): string {
  const data = { type: 'error', code, message, param: null, sequence_number: number };
  return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
}
