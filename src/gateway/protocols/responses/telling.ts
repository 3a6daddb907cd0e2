/** A chat completion told in the Responses API: whole, or as its events, one output item after the other. Pure. */

import { assertNever } from '../../../kernel/index.ts';
import { newAnswerId } from '../answer-id.ts';
import type { Telling } from '../call.ts';
import { afterEvent, EMPTY_ANSWER, readChatAnswer } from '../chat/chat-answer.ts';
import type { ChatAnswer } from '../chat/chat-answer.ts';
import { ChatEventReader } from '../chat/chat-events.ts';
import type { ChatEvent } from '../chat/chat-events.ts';
import { toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { OpenItem } from './open-item.ts';
import type { OpenCall } from './open-item.ts';
import { callItem, closedResponse, messageItem, openResponse, reasoningItem } from './response-body.ts';
import type { ResponseFace } from './response-body.ts';
import { calledTool } from './tool-names.ts';
import type { ToolNames } from './tool-names.ts';
import type { NextNumber } from './wire.ts';

const NO_CALL: OpenCall = { id: '', tool: { name: '' } };

export class ResponsesTelling implements Telling {
  readonly #face: ResponseFace;
  readonly #nextNumber: NextNumber;
  readonly #events = new ChatEventReader();
  readonly #output: Fields[] = [];
  #answer: ChatAnswer = EMPTY_ANSWER;
  #item: OpenItem | null = null;

  constructor(face: ResponseFace, nextNumber: NextNumber) {
    this.#face = face;
    this.#nextNumber = nextNumber;
  }

  whole(body: Buffer): Buffer {
    const answer = readChatAnswer(body);
    return toBytes(closedResponse(this.#face, answer, outputOf(answer, this.#face.tools)));
  }

  push(bytes: Buffer): Buffer {
    return this.#events.retell(bytes, (event) => this.#tell(event));
  }

  end(): Buffer {
    const empty = this.#output.length === 0 && this.#item === null;
    const last = (empty ? this.#open('message') : '') + this.#close();
    const response = closedResponse(this.#face, this.#answer, this.#output);
    const type = response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
    return Buffer.from(last + this.#frame(type, { response }));
  }

  #tell(event: ChatEvent): string {
    this.#answer = afterEvent(this.#answer, event);
    switch (event.kind) {
      case 'named': {
        const response = openResponse(this.#face);
        return this.#frame('response.created', { response }) + this.#frame('response.in_progress', { response });
      }
      case 'text':
        return this.#inItem('message') + this.#add(event.text);
      case 'thought':
        return this.#inItem('reasoning') + this.#add(event.text);
      case 'call':
        return (
          this.#close() + this.#open('function_call', { id: event.id, tool: calledTool(this.#face.tools, event.name) })
        );
      case 'arguments':
        return this.#add(event.text);
      case 'finished':
      case 'counted':
      case 'timed':
        return '';
      default:
        return assertNever(event);
    }
  }

  #inItem(kind: 'message' | 'reasoning'): string {
    return this.#item?.kind === kind ? '' : this.#close() + this.#open(kind);
  }

  #open(kind: OpenItem['kind'], call: OpenCall = NO_CALL): string {
    this.#item = new OpenItem(kind, this.#output.length, call);
    return this.#frames(this.#item.opening());
  }

  #add(text: string): string {
    return this.#item === null ? '' : this.#frames(this.#item.add(text));
  }

  #close(): string {
    if (this.#item === null) return '';
    const told = this.#frames(this.#item.closing());
    this.#output.push(this.#item.done());
    this.#item = null;
    return told;
  }

  #frames(events: readonly Fields[]): string {
    return events.map(({ type, ...data }) => this.#frame(String(type), data)).join('');
  }

  #frame(type: string, data: Fields): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#nextNumber(), ...data })}\n\n`;
  }
}

/** An answer that says nothing at all is an empty message. */
function outputOf({ thought, text, calls }: ChatAnswer, tools: ToolNames): readonly Fields[] {
  const isSilent = text === '' && (thought !== '' || calls.length > 0);
  return [
    ...(thought === '' ? [] : [reasoningItem(newAnswerId('rs'), thought, 'completed')]),
    ...(isSilent ? [] : [messageItem(newAnswerId('msg'), text, 'completed')]),
    ...calls.map((call) => callItem(newAnswerId('fc'), call, calledTool(tools, call.name), 'completed')),
  ];
}
