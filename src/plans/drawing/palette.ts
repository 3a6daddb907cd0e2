/** The colours of classes and kinds of arrows, the same in picture and legend. */
import type { TaskClass } from '../types.ts';
import type { ArrowKind } from './picture.ts';
import type { Element } from './svg-text.ts';

export const CLASSES: Readonly<Record<TaskClass, { readonly fill: string; readonly stroke: string }>> = {
  cpu: { fill: '#eef2f7', stroke: '#64748b' },
  script: { fill: '#e7f6ec', stroke: '#2f855a' },
  llm: { fill: '#f1ebfd', stroke: '#7c4dcf' },
  meta: { fill: '#fdf3e1', stroke: '#b7791f' },
  brain: { fill: '#fde8ef', stroke: '#b83264' },
};

interface ArrowStyle {
  readonly stroke: string;
  readonly width: number;
  readonly dash?: string;
  readonly meaning: string;
}

export const ARROWS: Readonly<Record<ArrowKind, ArrowStyle>> = {
  success: { stroke: '#64748b', width: 1.5, meaning: 'after its success' },
  done: { stroke: '#64748b', width: 1.5, dash: '6 4', meaning: 'after its end, either way' },
  failed: { stroke: '#c53030', width: 1.5, dash: '6 4', meaning: 'after its failure' },
  item: { stroke: '#2f855a', width: 3, meaning: 'item by item' },
  when: { stroke: '#7c4dcf', width: 1.75, dash: '2 3', meaning: 'when the answer is so' },
};

export function arrowMarkers(): Element {
  const markers = Object.entries(ARROWS).map(([kind, { stroke }]): Element => ({
    name: 'marker',
    attributes: {
      id: `arrow-${kind}`,
      viewBox: '0 0 10 10',
      refX: 9,
      refY: 5,
      markerWidth: 9,
      markerHeight: 9,
      markerUnits: 'userSpaceOnUse',
      orient: 'auto',
    },
    children: [{ name: 'path', attributes: { d: 'M0 0 L10 5 L0 10 z', fill: stroke } }],
  }));
  return { name: 'defs', children: markers };
}
