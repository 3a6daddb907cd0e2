/** Requests that take no slot: what is known here of models, and the few that an engine answers at once. */

import { AppError } from '../../contract/errors.ts';
import { assertNever } from '../../kernel/index.ts';
import { requestFields, textOf } from '../protocols/fields.ts';
import { studioModel, studioModels } from '../protocols/lm-studio/models.ts';
import { loadedModels, modelCard, modelTags, OLLAMA_VERSION } from '../protocols/ollama/pages.ts';
import { describeModel, listModels } from '../protocols/openai/models.ts';
import type { OllamaPage, PageRoute } from '../protocols/routes.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';
import type { GatewayLimits } from '../limits.ts';
import type { ModelDirectory } from '../types.ts';
import type { EngineQuestions } from './engine-questions.ts';
import { visibleModels } from './holders.ts';
import { bodyOf, sendBytes, sendJson, unknownModel } from './visit.ts';
import type { Visit } from './visit.ts';

interface PagesDeps {
  readonly dispatcher: Pick<Dispatcher, 'reports'>;
  readonly models: ModelDirectory;
  readonly limits: GatewayLimits;
  readonly questions: EngineQuestions;
}

/** Of one model, in the words of a protocol; null when nothing has the name. */
type ModelDescriber = (name: string, seen: ModelDirectory, reports: ReturnType<Dispatcher['reports']>) => object | null;

/** Answers the request; rejects with the AppError that refuses it. */
type Pages = (route: PageRoute, visit: Visit) => Promise<void>;

export function createPages({ dispatcher, models, limits, questions }: PagesDeps): Pages {
  function model(name: string, describe: ModelDescriber, { response, holder }: Visit): void {
    const seen = visibleModels(models, holder);
    const described = describe(name, seen, dispatcher.reports());
    if (described === null) throw unknownModel(name, seen);
    sendJson(response, described);
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
        return questions.tokenCount(visit);
      case 'text':
        return questions.text(route.endpoint, visit);
      case 'state':
        return questions.state(route.endpoint, visit);
      case 'ollama-page':
        return ollamaPage(route.page, visit);
      case 'error':
        throw route.error;
      default:
        return assertNever(route);
    }
  };
}
