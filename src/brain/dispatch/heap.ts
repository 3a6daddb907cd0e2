/** A binary heap: the least item first, by the order it was made with. */

export interface Heap<T> {
  readonly size: number;
  peek(): T | undefined;
  push(item: T): void;
  pop(): T | undefined;
  /** Takes out the first that fits, by a walk over all; false when there is none. */
  remove(fits: (item: T) => boolean): boolean;
}

export function createHeap<T>(compare: (a: T, b: T) => number): Heap<T> {
  const items: T[] = [];

  function swapIfLess(child: number, parent: number): boolean {
    const lower = items[child];
    const upper = items[parent];
    if (lower === undefined || upper === undefined || compare(lower, upper) >= 0) return false;
    items[child] = upper;
    items[parent] = lower;
    return true;
  }

  function siftUp(index: number): void {
    for (let at = index; at > 0; at = (at - 1) >> 1) if (!swapIfLess(at, (at - 1) >> 1)) return;
  }

  function siftDown(index: number): void {
    for (let at = index; ;) {
      const left = 2 * at + 1;
      const smaller = isLess(left + 1, left) ? left + 1 : left;
      if (!swapIfLess(smaller, at)) return;
      at = smaller;
    }
  }

  function isLess(a: number, b: number): boolean {
    const first = items[a];
    const second = items[b];
    return first !== undefined && second !== undefined && compare(first, second) < 0;
  }

  return {
    get size() {
      return items.length;
    },
    peek: () => items[0],
    push(item) {
      items.push(item);
      siftUp(items.length - 1);
    },
    pop() {
      const top = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        siftDown(0);
      }
      return top;
    },
    remove(fits) {
      const at = items.findIndex(fits);
      if (at < 0) return false;
      const rest = items.filter((_item, index) => index !== at).toSorted(compare);
      items.splice(0, items.length, ...rest);
      return true;
    },
  };
}
