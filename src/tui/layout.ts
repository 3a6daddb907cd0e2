/**
 * How the screen is divided: which panes are shown, one under the other in bands, and how high and wide each is. What
 * does not fit is left out, the focused pane never. Pure.
 */

export const PANES = ['instances', 'devices', 'facts', 'log'] as const;
export type Pane = (typeof PANES)[number];

export interface LayoutRequest {
  readonly columns: number;
  readonly rows: number;
  readonly instances: number;
  readonly devices: number;
  readonly logOpen: boolean;
  readonly focus: Pane;
}

export interface PlacedPane {
  readonly pane: Pane;
  readonly width: number;
  /** With its title line. */
  readonly height: number;
}

/** Panes side by side, all of one height. */
type Band = readonly PlacedPane[];

export type Layout = { readonly kind: 'too-small' } | { readonly kind: 'panes'; readonly bands: readonly Band[] };

export const SMALLEST = { columns: 40, rows: 10 } as const;
/** From here on devices and facts stand side by side. */
const WIDE_COLUMNS = 150;
const ROOMY_ROWS = 24;
const HEADER_ROWS = 1;
const TITLE_ROWS = 1;
/** The names of the columns. */
const HEAD_ROWS = 1;

/** What a band asks for, in rows. */
interface Claim {
  readonly panes: readonly Pane[];
  readonly least: number;
  readonly wanted: number;
  /** Share of the body that it may take before the others have had theirs. */
  readonly share: number;
}

export function layoutOf(request: LayoutRequest): Layout {
  const { columns, rows } = request;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return { kind: 'too-small' };
  const body = rows - HEADER_ROWS - footerRows(request);
  const claims = fittingClaims(claimsOf(request), request.focus, body);
  const heights = divide(claims, body);
  return { kind: 'panes', bands: claims.map((claim, at) => bandOf(claim, columns, heights[at] ?? claim.least)) };
}

interface Rows {
  readonly rows: number;
}

/** Two lines, and a rule above them where rows are not scarce. */
export function footerRows({ rows }: Rows): number {
  return rows < ROOMY_ROWS ? 2 : 3;
}

/** Rows for the keys when the help stands in the place of the panes. */
export function helpRows({ rows }: Rows): number {
  return Math.max(1, rows - HEADER_ROWS - footerRows({ rows }) - TITLE_ROWS);
}

export function placedPanes(layout: Layout): readonly PlacedPane[] {
  return layout.kind === 'panes' ? layout.bands.flat() : [];
}

/** Rows of the pane that move when one scrolls; 0 when it is not shown. */
export function scrollableRows(layout: Layout, pane: Pane): number {
  const placed = placedPanes(layout).find((each) => each.pane === pane);
  if (!placed) return 0;
  return Math.max(1, placed.height - TITLE_ROWS - (pane === 'instances' ? HEAD_ROWS : 0));
}

function claimsOf({ columns, instances, devices, logOpen }: LayoutRequest): readonly Claim[] {
  const instancesClaim: Claim = {
    panes: ['instances'],
    least: 5,
    wanted: TITLE_ROWS + HEAD_ROWS + Math.max(1, instances),
    share: 0.5,
  };
  const deviceRows = TITLE_ROWS + Math.max(1, devices);
  const devicesClaim: Claim = { panes: ['devices'], least: Math.min(3, deviceRows), wanted: deviceRows, share: 0.3 };
  const factsClaim: Claim = { panes: ['facts'], least: 4, wanted: logOpen ? 6 : Infinity, share: 0 };
  const middle: readonly Claim[] =
    columns < WIDE_COLUMNS
      ? [devicesClaim, factsClaim]
      : [{ ...devicesClaim, panes: ['devices', 'facts'], least: 4, wanted: logOpen ? devicesClaim.wanted : Infinity }];
  const log: readonly Claim[] = logOpen ? [{ panes: ['log'], least: 6, wanted: Infinity, share: 0.4 }] : [];
  return [instancesClaim, ...middle, ...log];
}

/** Leaves bands out, facts first, until the least of each fits; instances and the focused pane stay. */
function fittingClaims(claims: readonly Claim[], focus: Pane, body: number): readonly Claim[] {
  if (sum(claims.map(({ least }) => least)) <= body) return claims;
  const order: readonly Pane[] = ['facts', 'devices', 'log'];
  const victim = order.find((pane) => claims.some(({ panes }) => panes.includes(pane) && !panes.includes(focus)));
  if (victim === undefined) return claims;
  return fittingClaims(
    claims.filter(({ panes }) => !panes.includes(victim)),
    focus,
    body,
  );
}

/** Heights in the order of the claims, together the whole body: first the least, then the shares, then what is left. */
function divide(claims: readonly Claim[], body: number): readonly number[] {
  const heights = claims.map(({ least }) => least);
  const give = (at: number, most: number): void => {
    const claim = claims[at];
    const height = heights[at];
    if (!claim || height === undefined) return;
    const free = body - sum(heights);
    heights[at] = height + Math.max(0, Math.min(free, Math.floor(most), claim.wanted - height));
  };
  claims.forEach(({ share }, at) => give(at, share * body - (heights[at] ?? 0)));
  claims.forEach((_, at) => give(at, at === claims.length - 1 ? Infinity : (body - sum(heights)) / 2));
  claims.forEach((_, at) => give(at, Infinity));
  const last = heights.length - 1;
  heights[last] = (heights[last] ?? 0) + body - sum(heights);
  return heights;
}

function bandOf({ panes }: Claim, columns: number, height: number): Band {
  const width = Math.floor((columns - GAP * (panes.length - 1)) / panes.length);
  return panes.map((pane) => ({ pane, width, height }));
}

/** Blank columns between panes side by side. */
export const GAP = 2;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
