/** A binary heap that finds its items again, so that any of them can be removed or moved in O(log n). */

export class Heap<T extends object> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  /** `before` must be a strict order over the items at every call of `push`, `remove` and `update`. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** In no order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#put(item, this.#items.length);
    this.#rise(item, this.#items.length - 1);
  }

  /** False when the item is not in here. */
  remove(item: T): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#put(last, place);
      this.update(last);
    }
    return true;
  }

  /** To be called for an item whose rank has changed. */
  update(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#sink(item, this.#rise(item, place));
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }

  #rise(item: T, from: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#before(item, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
    return place;
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (let child = this.#firstChild(place); child !== null; child = this.#firstChild(place)) {
      if (!this.#before(child.item, item)) break;
      this.#put(child.item, place);
      place = child.place;
    }
    this.#put(item, place);
  }

  #firstChild(place: number): { readonly item: T; readonly place: number } | null {
    const left = this.#items[2 * place + 1];
    const right = this.#items[2 * place + 2];
    if (left === undefined) return null;
    if (right !== undefined && this.#before(right, left)) return { item: right, place: 2 * place + 2 };
    return { item: left, place: 2 * place + 1 };
  }
}
