/** Which of very many names are there, and as the how-manieth: their bytes side by side and a hash table of numbers. */

const encoder = new TextEncoder();

export class NameIndex {
  #bytes = new Uint8Array(1024);
  /** Where each name ends in the bytes. */
  #ends = new Uint32Array(64);
  /** Kept, so that a larger table is made without the bytes. */
  #hashes = new Uint32Array(64);
  /** A name's place + 1 by its hash; 0 where none is. Never more than half full. */
  #slots = new Uint32Array(128);
  #count = 0;
  /** How many bytes behind those of the last name were written by the last look. */
  #written = 0;
  #hash = 0;

  /** Adds a name as the next one. Answers the place of the same name when it is there already: then nothing is added. */
  add(name: string): number | null {
    const slot = this.#slotOf(name);
    const taken = this.#slots[slot] ?? 0;
    if (taken > 0) return taken - 1;
    if (this.#count === this.#ends.length) this.#grow();
    this.#ends[this.#count] = this.#begin(this.#count) + this.#written;
    this.#hashes[this.#count] = this.#hash;
    this.#count += 1;
    this.#slots[slot] = this.#count;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return null;
  }

  has(name: string): boolean {
    return (this.#slots[this.#slotOf(name)] ?? 0) > 0;
  }

  /** The slot that has the name, or the free one for it. Leaves its bytes behind those of the last name. */
  #slotOf(name: string): number {
    const begin = this.#begin(this.#count);
    const most = begin + name.length * 3;
    if (most > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(most * 2));
    this.#written = encoder.encodeInto(name, this.#bytes.subarray(begin)).written;
    const end = begin + this.#written;
    this.#hash = hashOf(this.#bytes, begin, end);
    for (let slot = this.#hash % this.#slots.length; ; slot = (slot + 1) % this.#slots.length) {
      const taken = this.#slots[slot] ?? 0;
      if (taken === 0 || this.#isSame(taken - 1, begin, end)) return slot;
    }
  }

  #begin(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] ?? 0);
  }

  #isSame(place: number, begin: number, end: number): boolean {
    if (this.#hashes[place] !== this.#hash) return false;
    const theirs = this.#begin(place);
    if ((this.#ends[place] ?? 0) - theirs !== end - begin) return false;
    for (let at = begin; at < end; at++) if (this.#bytes[at] !== this.#bytes[theirs + at - begin]) return false;
    return true;
  }

  #grow(): void {
    this.#ends = grown(this.#ends, new Uint32Array(this.#count * 2));
    this.#hashes = grown(this.#hashes, new Uint32Array(this.#count * 2));
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let place = 0; place < this.#count; place++) {
      let slot = (this.#hashes[place] ?? 0) % this.#slots.length;
      while ((this.#slots[slot] ?? 0) > 0) slot = (slot + 1) % this.#slots.length;
      this.#slots[slot] = place + 1;
    }
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, begin: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = begin; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
}

function grown<T extends Uint8Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
