/** A picture in the notation of Mermaid, for Markdown pages. Pure. */
import type { Arrow, ArrowKind, Box, Picture } from './picture.ts';

export function toMermaid({ boxes, arrows }: Picture): string {
  const names = new Map(boxes.map(({ id }, index) => [id, `t${index}`]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  const lines = [
    ...boxes.map((box) => `  ${nameOf(box.id)}${shapeOf(box)}:::${box.taskClass}`),
    ...arrows.map((arrow) => `  ${nameOf(arrow.from)} ${lineOf(arrow)} ${nameOf(arrow.to)}`),
    ...STYLES.map((style) => `  classDef ${style}`),
  ];
  return `flowchart TD\n${lines.join('\n')}\n`;
}

const STYLES = [
  'cpu fill:#eef2f7,stroke:#64748b',
  'script fill:#e7f6ec,stroke:#2f855a',
  'llm fill:#f1ebfd,stroke:#7c4dcf',
  'meta fill:#fdf3e1,stroke:#b7791f',
  'brain fill:#fde8ef,stroke:#b83264',
];

function shapeOf({ id, type, list }: Box): string {
  if (list !== undefined) return `[["${escaped(id)} ×N<br/>${escaped(list)}"]]`;
  return type === 'decide' ? `{"${escaped(id)}"}` : `["${escaped(id)}"]`;
}

const LINES: Readonly<Record<ArrowKind, string>> = {
  success: '-->',
  done: '-.->',
  failed: '-.->',
  item: '==>',
  when: '-->',
};

function lineOf({ kind, label }: Arrow): string {
  const text = label ?? (kind === 'item' ? 'per item' : '');
  return text === '' ? LINES[kind] : `${LINES[kind]}|"${escaped(text)}"|`;
}

/** Entities of Mermaid: everything that its grammar or HTML would read. */
function escaped(text: string): string {
  return text.replace(/[^\w .:/-]/gu, (character) => `#${character.codePointAt(0)};`);
}
