/** The first line of the screen: who is asked, how things stand, whether the daemon answers. Pure. */

import { joinFitting, lineWidth, spread } from '../line.ts';
import type { Line } from '../line.ts';
import type { DashboardState } from '../state.ts';
import { neutralise } from '../text.ts';
import { formatAge } from './columns.ts';

/** From here on a picture is told to be old. */
const OLD_MS = 5_000;

export function headerLine(state: DashboardState, width: number): Line {
  const link = linkLine(state);
  const parts = joinFitting(summary(state), '   ', width - lineWidth(link) - 3);
  return spread([{ text: ' ' }, ...parts], [...link, { text: ' ' }], width);
}

function linkLine({ link, now, picture }: DashboardState): Line {
  if (link.kind === 'disconnected') return [{ text: 'disconnected, trying again', tone: 'red', bold: true }];
  const ageMs = now - picture.at;
  if (ageMs > OLD_MS) return [{ text: `no answer for ${formatAge(ageMs)}`, tone: 'yellow', bold: true }];
  const lost = picture.status.daemon.agents.some(({ connected }) => !connected);
  return lost ? [{ text: 'agent not connected', tone: 'yellow', bold: true }] : [{ text: 'connected', tone: 'green' }];
}

/** The important first: what does not fit is left out from the end. */
function summary({ picture: { instances, status } }: DashboardState): readonly Line[] {
  const { requests, batches, daemon } = status;
  const ready = instances.filter((each) => each.status === 'ready').length;
  const broken = instances.filter((each) => each.status === 'failed' || each.status === 'unhealthy').length;
  return [
    [{ text: 'drover', bold: true }],
    [
      { text: `${ready} of ${instances.length} ready` },
      ...(broken > 0 ? [{ text: `, ${broken} broken`, tone: 'red' as const }] : []),
    ],
    [{ text: `requests ${requests.in_flight} running, ${requests.queued} queued` }],
    [{ text: neutralise(daemon.url), tone: 'grey' }],
    [{ text: `batches ${batches.running}`, tone: 'grey' }],
    [{ text: `version ${neutralise(daemon.version)}, pid ${daemon.controller.pid}`, tone: 'grey' }],
  ];
}
