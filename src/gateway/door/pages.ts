/** Requests that take no slot: lists of models, tokens of a text, what an engine tells of itself. */

import { AppError } from '../../contract/errors.ts';
import { assertNever } from '../../kernel/index.ts';
import { countTokens } from '../context/count-tokens.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { parseTokenCount } from '../protocols/anthropic/request.ts';
import { invalidField, requestFields, textOf } from '../protocols/fields.ts';
import { unnamedModel } from '../protocols/llama-cpp/request.ts';
import type { StateEndpoint, TextEndpoint } from '../protocols/llama-cpp/request.ts';
import { studioModel, studioModels } from '../protocols/lm-studio/models.ts';
import { loadedModels, modelCard, modelTags, OLLAMA_VERSION } from '../protocols/ollama/pages.ts';
import { describeModel, listModels } from '../protocols/openai/models.ts';
import { queriedModel } from '../protocols/routes.ts';
import type { OllamaPage, PageRoute } from '../protocols/routes.ts';
import type { SmallAnswer, Upstreams } from '../relay/upstream.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';
import type { GatewayLimits, ModelDirectory } from '../types.ts';
import type { EngineReach } from './engine-reach.ts';
import { visibleModels } from './holders.ts';
import { bodyOf, sendBytes, sendJson, unknownModel, usualModel } from './visit.ts';
import type { Visit } from './visit.ts';

interface PagesDeps {
  readonly dispatcher: Dispatcher;
  readonly upstreams: Upstreams;
  readonly models: ModelDirectory;
  readonly limits: GatewayLimits;
  readonly reach: EngineReach;
}

/** Of one model, in the words of a protocol; null when nothing has the name. */
type ModelDescriber = (name: string, seen: ModelDirectory, reports: ReturnType<Dispatcher['reports']>) => object | null;

/** Engines answer these between two steps of decoding. */
const SMALL_ANSWER_MS = 30_000;

/** Answers the request; rejects with the AppError that refuses it. */
type Pages = (route: PageRoute, visit: Visit) => Promise<void>;

export function createPages({ dispatcher, upstreams, models, limits, reach }: PagesDeps): Pages {
  const ask = (engine: EngineAddress, path: string, body: Buffer | null): Promise<SmallAnswer> =>
    upstreams.ask(engine, path, body, SMALL_ANSWER_MS);

  function model(name: string, describe: ModelDescriber, { response, holder }: Visit): void {
    const seen = visibleModels(models, holder);
    const described = describe(name, seen, dispatcher.reports());
    if (described === null) throw unknownModel(name, seen);
    sendJson(response, described);
  }

  async function tokenCount(visit: Visit): Promise<void> {
    const body = await bodyOf(visit, limits.bodyBytes);
    if (body === null) return;
    const parsed = parseTokenCount(body);
    if (parsed.kind === 'invalid') throw parsed.error;
    const engine = await reach(parsed.model, visit);
    const tokens = await countTokens({ kind: 'chat', chat: parsed.chat }, (path, question) =>
      ask(engine, path, question),
    );
    sendJson(visit.response, { input_tokens: tokens });
  }

  async function text(endpoint: TextEndpoint, visit: Visit): Promise<void> {
    const body = await bodyOf(visit, limits.bodyBytes);
    if (body === null) return;
    const fields = requestFields(body);
    if (fields === null) throw invalidField(null, 'the body is not a JSON object');
    const engine = await reach(namedModel(fields['model'], visit), visit);
    pass(visit, engine, await ask(engine, endpoint, body));
  }

  async function state(endpoint: StateEndpoint, visit: Visit): Promise<void> {
    const engine = await reach(namedModel(undefined, visit), visit);
    pass(visit, engine, await ask(engine, endpoint, null));
  }

  function namedModel(named: unknown, { request }: Visit): string {
    const isReady = (name: string): boolean => dispatcher.reports().get(name)?.state === 'ready';
    const name = named ?? queriedModel(request.url ?? '/') ?? usualModel(models, isReady);
    if (typeof name === 'string' && name !== '') return name;
    throw unnamedModel();
  }

  async function ollamaPage(page: OllamaPage, visit: Visit): Promise<void> {
    const { response, holder } = visit;
    const seen = visibleModels(models, holder);
    switch (page) {
      case 'root':
        return sendBytes(response, 200, 'text/plain; charset=utf-8', Buffer.from('Ollama is running'));
      case 'version':
        return sendJson(response, { version: OLLAMA_VERSION });
      case 'tags':
        return sendJson(response, modelTags(seen));
      case 'ps':
        return sendJson(response, loadedModels(seen, dispatcher.reports()));
      case 'show':
        return show(visit);
      case 'unsupported':
        throw new AppError('NOT_FOUND', 'models are not made, copied or pushed here');
      default:
        return assertNever(page);
    }
  }

  async function show(visit: Visit): Promise<void> {
    const body = await bodyOf(visit, limits.bodyBytes);
    if (body === null) return;
    const fields = requestFields(body) ?? {};
    const name = textOf(fields['model'] ?? fields['name']);
    const seen = visibleModels(models, visit.holder);
    const card = modelCard(name, seen, dispatcher.reports());
    if (card === null) throw unknownModel(name, seen);
    sendJson(visit.response, card);
  }

  return async (route, visit) => {
    const { response, holder } = visit;
    switch (route.kind) {
      case 'models':
        return sendJson(response, listModels(visibleModels(models, holder), dispatcher.reports()));
      case 'model':
        return model(route.name, describeModel, visit);
      case 'studio-models':
        return sendJson(response, studioModels(visibleModels(models, holder), dispatcher.reports()));
      case 'studio-model':
        return model(route.name, studioModel, visit);
      case 'count-tokens':
        return tokenCount(visit);
      case 'text':
        return text(route.endpoint, visit);
      case 'state':
        return state(route.endpoint, visit);
      case 'ollama-page':
        return ollamaPage(route.page, visit);
      case 'error':
        throw route.error;
      default:
        return assertNever(route);
    }
  };
}

function pass({ response }: Visit, engine: EngineAddress, { status, contentType, body }: SmallAnswer): void {
  response.setHeader('x-drover-instance', engine.instance);
  sendBytes(response, status, contentType, body);
}
