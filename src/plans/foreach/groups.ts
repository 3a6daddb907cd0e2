/**
 * Items that one task takes together (`batch_size`): how they are cut into groups, and the items of a group. A group
 * is an item itself: its value is the list of its items' values.
 */
import type { ForeachItem } from '../types.ts';

const DIGITS = 4;

/** Groups of `size` in the order of the list, named after their first and last item, counted from 1. */
export function groupItems(template: string, items: readonly ForeachItem[], size: number): ForeachItem[] {
  const groups: ForeachItem[] = [];
  for (let from = 0; from < items.length; from += size) {
    const members = items.slice(from, from + size);
    const key = `batch_${padded(from + 1)}_${padded(from + members.length)}`;
    groups.push({
      key,
      index: groups.length,
      name: `${template}_${key}`,
      value: members.map(({ value }) => value),
      group: { from, keys: members.map((member) => member.key) },
    });
  }
  return groups;
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
