/** A picture as one SVG file that needs nothing else: boxes in layers, arrows by kind, and a legend of what occurs. Pure. */
import { formatSvg, shorten, textWidth } from './svg-text.ts';
import type { Element } from './svg-text.ts';
import { layOut } from './layers.ts';
import type { Layout, Point } from './layers.ts';
import { legend } from './legend.ts';
import { ARROWS, arrowMarkers, CLASSES } from './palette.ts';
import type { Arrow, Box, BoxProgress, Picture } from './picture.ts';

const MARGIN = 24;
const HEAD = 34;
const BOX = 52;
const LAYER = 112;
/** How far the sheets behind a foreach stand out. */
const SHEET = 5;
const MAX_NAME = 34;

export function toSvg(picture: Picture): string {
  const boxes = new Map(picture.boxes.map((box) => [box.id, box]));
  const layout = layOut(
    picture.boxes.map((box) => ({ id: box.id, width: widthOf(box) })),
    picture.arrows,
  );
  const notes = legend(picture);
  const title = shorten(picture.title, 80);
  const body = Math.max(0, (layout.layers - 1) * LAYER + BOX + 2 * SHEET);
  const width = Math.ceil(Math.max(layout.width + SHEET * 2, notes.width, textWidth(title, 16)) + 2 * MARGIN);
  const left = MARGIN + Math.max(0, (width - 2 * MARGIN - layout.width) / 2);
  const place = ({ x, layer }: Point): Spot => ({ x: x + left, y: MARGIN + HEAD + layer * LAYER });
  const arrows = picture.arrows.map((arrow, index) => drawArrow(arrow, layout, index, place));
  return formatSvg({
    width,
    height: MARGIN + HEAD + body + 28 + notes.height + MARGIN / 2,
    title: picture.title,
    children: [
      arrowMarkers(),
      {
        name: 'text',
        attributes: { x: MARGIN, y: MARGIN + 8, 'font-size': 16, 'font-weight': 600, fill: '#1e293b' },
        text: title,
      },
      ...arrows.flatMap(({ line }) => line),
      ...[...layout.places].flatMap(([id, point]) => drawBox(boxes.get(id), place(point))),
      ...arrows.flatMap(({ label }) => label),
      {
        name: 'g',
        attributes: { transform: `translate(${MARGIN} ${MARGIN + HEAD + body + 28})` },
        children: notes.elements,
      },
    ],
  });
}

/** The middle of a box's upper edge. */
interface Spot {
  readonly x: number;
  readonly y: number;
}

function widthOf(box: Box): number {
  const name = textWidth(`${shorten(box.id, MAX_NAME)}${box.list === undefined ? '' : badgeOf(box)}`, 13) + 14;
  return Math.round(Math.max(120, name + 28, textWidth(subtitleOf(box), 11) + 28));
}

/** `×N` until a batch knows how many. */
function badgeOf({ progress }: Box): string {
  return ` ×${progress === undefined ? 'N' : progress.total}`;
}

function subtitleOf({ type, taskClass, list, progress }: Box): string {
  if (progress !== undefined) return progressText(progress);
  const kind = type === 'shell' ? taskClass : `${type}, ${taskClass}`;
  return list === undefined ? kind : `${kind} · ${shorten(list.replace(/^\{BATCH_PATH\}\//, ''), MAX_NAME)}`;
}

function progressText({ total, succeeded, failed, running }: BoxProgress): string {
  const parts = [`${succeeded}/${total} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (running > 0) parts.push(`${running} running`);
  return parts.join(', ');
}

function drawBox(box: Box | undefined, { x, y }: Spot): Element[] {
  if (box === undefined) return [];
  const width = widthOf(box);
  const { fill, stroke } = CLASSES[box.taskClass];
  const sheet = (by: number): Element => ({
    name: 'rect',
    attributes: { x: x - width / 2 + by, y: y + by, width, height: BOX, rx: 8, fill, stroke, 'stroke-width': 1.25 },
  });
  const name = `${shorten(box.id, MAX_NAME)}${box.list === undefined ? '' : badgeOf(box)}`;
  return [
    {
      name: 'g',
      children: [
        {
          name: 'title',
          text: `${box.id} (${box.type}, ${box.taskClass})${box.list === undefined ? '' : `, foreach ${box.list}`}`,
        },
        ...(box.list === undefined ? [] : [sheet(2 * SHEET), sheet(SHEET)]),
        sheet(0),
        ...progressBar(box.progress, { x: x - width / 2, y, width }),
        {
          name: 'text',
          attributes: { x, y: y + 22, 'text-anchor': 'middle', 'font-size': 13, 'font-weight': 600, fill: '#1e293b' },
          text: name,
        },
        {
          name: 'text',
          attributes: { x, y: y + 39, 'text-anchor': 'middle', 'font-size': 11, fill: '#475569' },
          text: subtitleOf(box),
        },
      ],
    },
  ];
}

/** Along the lower edge: done, failed, running. */
function progressBar(progress: BoxProgress | undefined, { x, y, width }: Spot & { readonly width: number }): Element[] {
  if (progress === undefined || progress.total === 0) return [];
  const room = width - 16;
  let at = x + 8;
  const parts = [
    [progress.succeeded, '#2f855a'],
    [progress.failed, '#c53030'],
    [progress.running, '#3b82f6'],
  ] as const;
  const base: Element = {
    name: 'rect',
    attributes: { x: at, y: y + BOX - 7, width: room, height: 3, fill: '#cbd5e1' },
  };
  const filled = parts.flatMap(([count, fill]): Element[] => {
    const part = (room * count) / progress.total;
    const from = at;
    at += part;
    return count === 0 ? [] : [{ name: 'rect', attributes: { x: from, y: y + BOX - 7, width: part, height: 3, fill } }];
  });
  return [base, ...filled];
}

function drawArrow(
  arrow: Arrow,
  layout: Layout,
  index: number,
  place: (point: Point) => Spot,
): { readonly line: readonly Element[]; readonly label: readonly Element[] } {
  const from = layout.places.get(arrow.from);
  const to = layout.places.get(arrow.to);
  if (from === undefined || to === undefined) return { line: [], label: [] };
  const bends = (layout.bends[index] ?? []).map(place);
  const start = { x: place(from).x, y: place(from).y + BOX };
  const end = { x: place(to).x, y: place(to).y - 2 };
  const { stroke, dash, width } = ARROWS[arrow.kind];
  const line: Element = {
    name: 'path',
    attributes: {
      d: curve(start, bends, end),
      fill: 'none',
      stroke,
      'stroke-width': width,
      ...(dash === undefined ? {} : { 'stroke-dasharray': dash }),
      'marker-end': `url(#arrow-${arrow.kind})`,
    },
  };
  return { line: [line], label: labelOf(arrow, bends.at(-1) ?? start, end, bends.length > 0) };
}

/** Straight down past the boxes of a layer, in curves between the layers. */
function curve(start: Spot, bends: readonly Spot[], end: Spot): string {
  const parts = [`M${round(start.x)} ${round(start.y)}`];
  let from = start;
  for (const { x, y } of bends) {
    parts.push(bow(from, { x, y }), `L${round(x)} ${round(y + BOX)}`);
    from = { x, y: y + BOX };
  }
  return [...parts, bow(from, end)].join(' ');
}

function bow(from: Spot, to: Spot): string {
  const middle = (from.y + to.y) / 2;
  return `C${round(from.x)} ${round(middle)} ${round(to.x)} ${round(middle)} ${round(to.x)} ${round(to.y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Near the arrow's head, where it has left the others. */
function labelOf({ kind, label }: Arrow, from: Spot, to: Spot, bent: boolean): Element[] {
  if (label === undefined) return [];
  const top = bent ? from.y + BOX : from.y;
  const x = from.x + (to.x - from.x) * 0.72;
  return [
    {
      name: 'text',
      attributes: {
        x: round(x),
        y: round(top + (to.y - top) * 0.62 + 4),
        'text-anchor': 'middle',
        'font-size': 11,
        fill: ARROWS[kind].stroke,
        stroke: '#ffffff',
        'stroke-width': 4,
        'paint-order': 'stroke',
      },
      text: shorten(label, 28),
    },
  ];
}
