/**
 * Items that one task takes together (`batch_size`): how they are cut into groups, and the items of a group. A group
 * is an item itself: its value is the list of its items' values.
 */
import type { ForeachItem } from '../types.ts';

const DIGITS = 4;

/** Cuts items, as they come, into groups of `size`, named after their first and last item, counted from 1. */
export function createGrouping(template: string, size: number) {
  let open: ForeachItem[] = [];
  let made = 0;

  function close(): ForeachItem {
    const from = made * size;
    const key = `batch_${padded(from + 1)}_${padded(from + open.length)}`;
    const group = {
      key,
      index: made,
      name: `${template}_${key}`,
      value: open.map(({ value }) => value),
      group: { from, keys: open.map((member) => member.key) },
    };
    made += 1;
    open = [];
    return group;
  }

  return {
    /** The groups that these items complete. */
    push(items: readonly ForeachItem[]): ForeachItem[] {
      return items.flatMap((item) => (open.push(item) === size ? [close()] : []));
    },
    /** The last group, if there is one. */
    end: (): ForeachItem[] => (open.length === 0 ? [] : [close()]),
  };
}

/** What an item task takes, one by one: the items of a group under the group's name, else the item itself. */
export function membersOf(item: ForeachItem): readonly ForeachItem[] {
  const { group, value, name } = item;
  if (group === undefined || !Array.isArray(value)) return [item];
  return group.keys.map((key, offset) => ({ key, index: group.from + offset, name, value: value[offset] ?? null }));
}

function padded(position: number): string {
  return String(position).padStart(DIGITS, '0');
}
