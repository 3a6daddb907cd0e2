/** Which instances are shown, which is selected, and how panes scroll. Pure. */

import type { InstanceView } from '../contract/instance-views.ts';
import type { Motion } from './keys.ts';
import { layoutOf, placedPanes, scrollableRows } from './layout.ts';
import type { Layout, Pane } from './layout.ts';
import type { DashboardState } from './state.ts';

export function layoutFor(state: DashboardState): Layout {
  return layoutOf({
    ...state.size,
    instances: shownInstances(state).length,
    devices: state.picture.status.devices.length,
    logOpen: state.log !== null,
    focus: state.focus,
  });
}

/** Every word of the filter has to be found somewhere in the row. */
export function shownInstances({ picture, filter }: DashboardState): readonly InstanceView[] {
  const words = filter.toLowerCase().split(' ').filter(Boolean);
  if (words.length === 0) return picture.instances;
  return picture.instances.filter((instance) => {
    const text = searchedText(instance);
    return words.every((word) => text.includes(word));
  });
}

function searchedText({ name, status, model, device, tags }: InstanceView): string {
  return [name, status, model, device, ...tags].join('\n').toLowerCase();
}

export function selectedInstance(state: DashboardState): InstanceView | null {
  return shownInstances(state).find(({ name }) => name === state.selected) ?? null;
}

/** The state with a selection that is shown: the same where it can be, else the one that took its place. */
export function withSelection(state: DashboardState, before: DashboardState): DashboardState {
  const shown = shownInstances(state);
  if (shown.some(({ name }) => name === state.selected)) return state;
  const place = shownInstances(before).findIndex(({ name }) => name === before.selected);
  const next = shown[Math.min(Math.max(0, place), shown.length - 1)];
  return { ...state, selected: next?.name ?? null };
}

export function move(state: DashboardState, motion: Motion): DashboardState {
  return state.focus === 'instances' ? moveSelection(state, motion) : scroll(state, state.focus, motion);
}

function moveSelection(state: DashboardState, motion: Motion): DashboardState {
  const shown = shownInstances(state);
  const place = shown.findIndex(({ name }) => name === state.selected);
  const page = Math.max(1, scrollableRows(layoutFor(state), 'instances') - 1);
  const target = moved(place, motion, { page, last: shown.length - 1 });
  return { ...state, selected: shown[target]?.name ?? state.selected };
}

function scroll(state: DashboardState, pane: Exclude<Pane, 'instances'>, motion: Motion): DashboardState {
  const rows = scrollableRows(layoutFor(state), pane);
  const last = Math.max(0, lineCount(state, pane) - rows);
  const limits = { page: Math.max(1, rows - 1), last };
  // Facts and log count from their newest line, at the bottom.
  const fromTop = pane === 'devices' ? state.scrolls.devices : last - Math.min(last, state.scrolls[pane]);
  const target = moved(fromTop, motion, limits);
  return { ...state, scrolls: { ...state.scrolls, [pane]: pane === 'devices' ? target : last - target } };
}

function moved(at: number, motion: Motion, { page, last }: { readonly page: number; readonly last: number }): number {
  const target = {
    'line-up': at - 1,
    'line-down': at + 1,
    'page-up': at - page,
    'page-down': at + page,
    first: 0,
    last,
  };
  return Math.max(0, Math.min(last, target[motion]));
}

function lineCount(state: DashboardState, pane: Exclude<Pane, 'instances'>): number {
  if (pane === 'devices') return state.picture.status.devices.length;
  return pane === 'facts' ? state.facts.length : (state.log?.lines.length ?? 0);
}

/** The next pane that is shown, or with -1 the one before. */
export function nextPane(state: DashboardState, by: 1 | -1): DashboardState {
  const panes = placedPanes(layoutFor(state)).map(({ pane }) => pane);
  const at = panes.indexOf(state.focus);
  return { ...state, focus: panes[(at + by + panes.length) % panes.length] ?? 'instances' };
}

/** The part of a list that is in view when `rows` fit and the item `at` shall be among them. */
export function viewAround<T>(items: readonly T[], at: number, rows: number): readonly T[] {
  const top = Math.max(0, Math.min(at - Math.floor(rows / 2), items.length - rows));
  return items.slice(top, top + rows);
}

/** The last `rows` lines, or those `back` lines above them. */
export function viewFromEnd<T>(items: readonly T[], back: number, rows: number): readonly T[] {
  const end = items.length - Math.max(0, Math.min(back, items.length - rows));
  return items.slice(Math.max(0, end - rows), end);
}
