/** Errors for people: the code, the message, the hint; the causes only for whoever debugs. Never a stack trace. */

import { asAppError } from '../contract/errors.ts';
import type { AppError } from '../contract/errors.ts';
import type { Environment } from './context.ts';

/** Lines without the final line break. */
export function renderError(thrown: unknown, env: Environment): string {
  const error = asAppError(thrown);
  const lines = [`error ${error.code} ${error.message}`, ...problemLines(error)];
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  if (env['DROVER_LOG_LEVEL'] === 'debug' || env['DROVER_LOG_LEVEL'] === 'trace') lines.push(...causeLines(error));
  return lines.join('\n');
}

/** The problems of a config that an error carries, beyond the first, which its message tells. */
function problemLines(error: AppError): string[] {
  const problems = error.detail?.['problems'];
  if (!Array.isArray(problems) || problems.length < 2) return [];
  return problems.flatMap((problem: unknown) => {
    if (typeof problem !== 'object' || problem === null || !('message' in problem)) return [];
    const path = 'path' in problem && problem.path !== '' ? `${String(problem.path)}: ` : '';
    return [`  ${path}${String(problem.message)}`];
  });
}

function causeLines(error: Error): string[] {
  const lines: string[] = [];
  for (let cause = error.cause; cause instanceof Error && lines.length < 10; cause = cause.cause) {
    lines.push(`caused by: ${cause.name}: ${cause.message}`);
  }
  return lines;
}
