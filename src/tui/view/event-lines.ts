/** The pane of facts and the pane of a log: lines that come at the bottom. Pure. */

import type { Line } from '../line.ts';
import { viewFromEnd } from '../selection.ts';
import type { DashboardState } from '../state.ts';
import { fit, neutralise, textWidth } from '../text.ts';
import { factText } from './fact-text.ts';

const WHO = { least: 8, most: 40 } as const;
/** Where the time of day begins and ends in an ISO 8601 text. */
const TIME_OF_DAY = [11, 19] as const;

export function factLines({ facts, scrolls }: DashboardState, width: number, height: number): readonly Line[] {
  if (facts.length === 0) return [[{ text: '  nothing has happened yet', tone: 'grey' }]];
  const shown = viewFromEnd(facts, scrolls.facts, height).map((fact) => ({ fact, text: factText(fact) }));
  const most = Math.min(WHO.most, Math.floor(width / 3));
  const who = Math.min(most, Math.max(WHO.least, ...shown.map(({ text }) => textWidth(neutralise(text.who)))));
  return shown.map(({ fact, text }) => [
    { text: `  ${fact.at.slice(...TIME_OF_DAY)}  `, tone: 'grey' },
    { text: `${fit(neutralise(text.who), who)}  ` },
    { text: neutralise(text.what), tone: text.tone },
  ]);
}

export function logLines({ log, scrolls }: DashboardState, height: number): readonly Line[] {
  if (!log) return [];
  const ended = log.ended === null ? [] : [`(${log.ended})`];
  const lines = [...viewFromEnd(log.lines, scrolls.log, height - ended.length), ...ended];
  if (lines.length === 0) return [[{ text: '  nothing written yet', tone: 'grey' }]];
  return lines.map((text) => [{ text: `  ${neutralise(text)}` }]);
}
