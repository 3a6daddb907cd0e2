/** One line below a picture that says what its colours and arrows mean; only what occurs in it. Pure. */
import { ARROWS, CLASSES } from './palette.ts';
import type { ArrowKind, Picture } from './picture.ts';
import { textWidth } from './svg-text.ts';
import type { Element } from './svg-text.ts';

interface Legend {
  readonly width: number;
  readonly height: number;
  readonly elements: readonly Element[];
}

const SIZE = 11;
const ROW = 22;
const BETWEEN = 18;

interface Entry {
  readonly mark: Element;
  readonly markWidth: number;
  readonly text: string;
}

export function legend({ boxes, arrows }: Picture): Legend {
  const classes = [...new Set(boxes.map(({ taskClass }) => taskClass))].map((name) => swatch(CLASSES[name], name));
  const kinds = [...new Set(arrows.map(({ kind }) => kind))].map(stroke);
  const rows = [classes, kinds].filter((row) => row.length > 0).map(drawRow);
  return {
    width: Math.max(0, ...rows.map(({ width }) => width)),
    height: rows.length * ROW,
    elements: rows.map(({ elements }, index) => ({
      name: 'g',
      attributes: { transform: `translate(0 ${index * ROW})` },
      children: elements,
    })),
  };
}

function swatch({ fill, stroke: line }: { readonly fill: string; readonly stroke: string }, text: string): Entry {
  const mark = { name: 'rect', attributes: { x: 0, y: 1, width: 14, height: 10, rx: 2, fill, stroke: line } };
  return { mark, markWidth: 14, text };
}

function stroke(kind: ArrowKind): Entry {
  const { stroke: line, width, dash, meaning } = ARROWS[kind];
  const dashed = dash === undefined ? {} : { 'stroke-dasharray': dash };
  const attributes = { d: 'M0 6 L32 6', stroke: line, 'stroke-width': width, ...dashed };
  return { mark: { name: 'path', attributes }, markWidth: 32, text: meaning };
}

function drawRow(entries: readonly Entry[]): { readonly width: number; readonly elements: readonly Element[] } {
  let at = 0;
  const elements = entries.map(({ mark, markWidth, text }): Element => {
    const group: Element = {
      name: 'g',
      attributes: { transform: `translate(${Math.round(at)} 0)` },
      children: [
        mark,
        { name: 'text', attributes: { x: markWidth + 6, y: 10, 'font-size': SIZE, fill: '#475569' }, text },
      ],
    };
    at += markWidth + 6 + textWidth(text, SIZE) + BETWEEN;
    return group;
  });
  return { width: at, elements };
}
