/** The escapes of `$'…'`. Pure. */

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c([\s\S])|([\s\S]))/g;

export function decodeAnsi(text: string): string {
  return text.replace(ESCAPE, (whole, ...groups: readonly (string | undefined)[]) => {
    const [octal, hex, short, long, control, other] = groups;
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    const point = hex ?? short ?? long;
    if (point !== undefined) return codePoint(Number.parseInt(point, 16));
    if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
    return SIMPLE[other ?? ''] ?? whole;
  });
}

function codePoint(value: number): string {
  return value <= 0x10_ffff ? String.fromCodePoint(value) : '';
}
