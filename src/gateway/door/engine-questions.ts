/** What an engine answers at once, between two steps of decoding: tokens of a text, what it tells of itself. */

import { countTokens } from '../context/count-tokens.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { parseTokenCount } from '../protocols/anthropic/request.ts';
import { invalidField, requestFields } from '../protocols/fields.ts';
import { unnamedModel } from '../protocols/llama-cpp/request.ts';
import type { StateEndpoint, TextEndpoint } from '../protocols/llama-cpp/request.ts';
import { queriedModel } from '../protocols/routes.ts';
import type { SmallAnswer, Upstreams } from '../relay/upstream.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';
import type { ModelDirectory } from '../types.ts';
import type { GatewayLimits } from '../limits.ts';
import type { EngineReach } from './engine-reach.ts';
import { bodyOf, sendBytes, sendJson, usualModel } from './visit.ts';
import type { Visit } from './visit.ts';

interface EngineQuestionsDeps {
  readonly dispatcher: Pick<Dispatcher, 'reports'>;
  readonly upstreams: Pick<Upstreams, 'ask'>;
  readonly models: ModelDirectory;
  readonly limits: GatewayLimits;
  readonly reach: EngineReach;
}

/** Each answers the visit, or rejects with the AppError that refuses it. */
export interface EngineQuestions {
  /** How many tokens a message of Anthropic's protocol has. */
  tokenCount(visit: Visit): Promise<void>;
  text(endpoint: TextEndpoint, visit: Visit): Promise<void>;
  state(endpoint: StateEndpoint, visit: Visit): Promise<void>;
}

const ANSWER_MS = 30_000;

export function createEngineQuestions(deps: EngineQuestionsDeps): EngineQuestions {
  const { dispatcher, upstreams, models, limits, reach } = deps;

  const ask = (engine: EngineAddress, path: string, body: Buffer | null): Promise<SmallAnswer> =>
    upstreams.ask(engine, path, body, ANSWER_MS);

  async function askAs(visit: Visit, named: unknown, path: string, body: Buffer | null): Promise<void> {
    const engine = await reach(modelOf(named, visit), visit);
    pass(visit, engine, await ask(engine, path, body));
  }

  function modelOf(named: unknown, { request }: Visit): string {
    const name = named ?? queriedModel(request.url ?? '/') ?? usualModel(models, dispatcher.reports());
    if (typeof name === 'string' && name !== '') return name;
    throw unnamedModel();
  }

  return {
    async tokenCount(visit) {
      const body = await bodyOf(visit, limits.bodyBytes);
      if (body === null) return;
      const parsed = parseTokenCount(body);
      if (parsed.kind === 'invalid') throw parsed.error;
      const engine = await reach(parsed.model, visit);
      const tokens = await countTokens({ kind: 'chat', chat: parsed.chat }, (path, question) =>
        ask(engine, path, question),
      );
      sendJson(visit.response, { input_tokens: tokens });
    },
    async text(endpoint, visit) {
      const body = await bodyOf(visit, limits.bodyBytes);
      if (body === null) return;
      const fields = requestFields(body);
      if (fields === null) throw invalidField(null, 'the body is not a JSON object');
      await askAs(visit, fields['model'], endpoint, body);
    },
    state: (endpoint, visit) => askAs(visit, undefined, endpoint, null),
  };
}

function pass({ response }: Visit, engine: EngineAddress, { status, contentType, body }: SmallAnswer): void {
  response.setHeader('x-drover-instance', engine.instance);
  sendBytes(response, status, contentType, body);
}
