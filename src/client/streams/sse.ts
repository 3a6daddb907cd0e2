/** Reads server-sent events from text as it comes. Pure: bytes and reconnecting are its caller's business. */

export interface ServerSentEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Feeds on chunks cut anywhere and hands out the events that are complete. */
export interface SseParser {
  feed(chunk: string): ServerSentEvent[];
}

/** `onComment` hears what stands behind a colon: no part of any event. */
export function createSseParser(onComment?: (comment: string) => void): SseParser {
  let rest = '';
  let block: string[] = [];
  return {
    feed(chunk) {
      const events: ServerSentEvent[] = [];
      const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith(':')) onComment?.(line.slice(1).trim());
        else if (line !== '') block.push(line);
        else {
          const event = eventOf(block);
          if (event) events.push(event);
          block = [];
        }
      }
      return events;
    },
  };
}

/** Null for a block without data, such as one of comments only. */
function eventOf(block: readonly string[]): ServerSentEvent | null {
  const fields = block.map(fieldOf);
  const data = fields.filter(({ name }) => name === 'data');
  if (data.length === 0) return null;
  return {
    id: fields.findLast(({ name }) => name === 'id')?.value ?? null,
    event: fields.findLast(({ name }) => name === 'event')?.value ?? 'message',
    data: data.map(({ value }) => value).join('\n'),
  };
}

function fieldOf(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') };
}
