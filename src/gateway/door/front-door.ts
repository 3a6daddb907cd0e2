/** The HTTP side of the gateway: which part answers a request, and what is said when none can. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { asAppError } from '../../contract/errors.ts';
import type { AppError } from '../../contract/errors.ts';
import type { Log } from '../../kernel/index.ts';
import { routeOf } from '../protocols/routes.ts';
import type { PageRoute, TalkRoute } from '../protocols/routes.ts';
import { callerOf } from './caller.ts';
import { createEngineQuestions } from './engine-questions.ts';
import { createEngineReach } from './engine-reach.ts';
import type { Holder } from './holders.ts';
import { createPages } from './pages.ts';
import { createTalk } from './talk.ts';
import type { Talk, TalkDeps } from './talk.ts';
import { sendError } from './visit.ts';
import type { Visit } from './visit.ts';

interface FrontDoor extends Pick<Talk, 'bufferedBytes'> {
  handle(request: IncomingMessage, response: ServerResponse, holder: Holder | null): void;
  refuse(response: ServerResponse, error: AppError): void;
}

interface FrontDoorDeps extends Omit<TalkDeps, 'reach'> {
  readonly log: Log;
  /** Turned away before it was understood. */
  readonly onRefused: (error: AppError) => void;
}

/** Routes whose answer an engine speaks in a slot. */
const TALKS: ReadonlySet<string> = new Set<TalkRoute['kind']>([
  'openai',
  'multipart',
  'responses',
  'messages',
  'native',
  'ollama',
]);

export function createFrontDoor(deps: FrontDoorDeps): FrontDoor {
  const reach = createEngineReach(deps);
  const talk = createTalk({ ...deps, reach });
  const pages = createPages({ ...deps, questions: createEngineQuestions({ ...deps, reach }) });

  async function answer(visit: Visit): Promise<void> {
    const { method = 'GET', url = '/' } = visit.request;
    const route = routeOf(method, url);
    return isTalk(route) ? talk.answer(route, visit) : pages(route, visit);
  }

  function refuse(response: ServerResponse, error: AppError): void {
    deps.book.countRejected();
    deps.onRefused(error);
    sendError(response, error);
  }

  function failed(response: ServerResponse, thrown: unknown): void {
    const error = asAppError(thrown);
    if (error.code === 'INTERNAL') deps.log.error({ err: thrown }, 'the front door failed');
    if (response.headersSent) response.destroy();
    else refuse(response, error);
  }

  return {
    handle(request, response, holder) {
      response.on('error', () => {}); // a client that left is told by `close`
      const caller = callerOf(request.headers, holder?.owner ?? null);
      response.setHeader('x-request-id', caller.requestId);
      answer({ request, response, holder, caller }).catch((error: unknown) => failed(response, error));
    },
    refuse,
    bufferedBytes: talk.bufferedBytes,
  };
}

function isTalk(route: TalkRoute | PageRoute): route is TalkRoute {
  return TALKS.has(route.kind);
}
