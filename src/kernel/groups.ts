/** Things gathered under what they have in common, in the order in which they came. Pure. */

export function groupBy<T, K>(list: Iterable<T>, keyOf: (entry: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const entry of list) addToGroup(groups, keyOf(entry), entry);
  return groups;
}

/** The first of its key begins a group. */
export function addToGroup<T, K>(groups: Map<K, T[]>, key: K, entry: T): void {
  const group = groups.get(key);
  if (group) group.push(entry);
  else groups.set(key, [entry]);
}
