/** SVG as text: elements in, escaped markup out; and how wide a text will be, more or less. Pure. */

export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly text?: string;
  readonly children?: readonly Element[];
}

interface Sheet {
  readonly width: number;
  readonly height: number;
  /** Told by readers of screens. */
  readonly title: string;
  readonly children: readonly Element[];
}

export function formatSvg({ width, height, title, children }: Sheet): string {
  const root: Element = {
    name: 'svg',
    attributes: {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'font-family': 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif',
    },
    children: [
      { name: 'title', text: title },
      { name: 'rect', attributes: { width: '100%', height: '100%', fill: '#ffffff' } },
      ...children,
    ],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${formatElement(root)}\n`;
}

function formatElement({ name, attributes = {}, text, children = [] }: Element): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const inside = `${text === undefined ? '' : escaped(text)}${children.map(formatElement).join('\n')}`;
  const open = `<${name}${written.join('')}`;
  return inside === '' ? `${open}/>` : `${open}>${inside}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  const marked = text.replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark);
  // XML forbids them, also as entities.
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return marked.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** In pixels, on the wide side: fonts differ. */
export function textWidth(text: string, size: number): number {
  let units = 0;
  for (const character of text)
    units += (character.codePointAt(0) ?? 0) > 0x2e7f ? 1 : /[A-Zmw@%]/.test(character) ? 0.78 : 0.58;
  return units * size;
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
