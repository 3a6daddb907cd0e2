/** What tasks have made, as it was when it was kept: seen where it lies, and put where another batch has it. */

import { constants } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { FileHashes, Seen } from './file-hashes.ts';

/** Named alike in every batch. */
export interface ProductPlace {
  readonly name: string;
  /** Where it lies in the batch that asks. */
  readonly path: string;
}

export interface Product extends Seen {
  readonly name: string;
  /** Where it lay when it was kept last. */
  readonly file: string;
}

/** Null when one of them is not there. */
export async function findProducts(places: readonly ProductPlace[], files: FileHashes): Promise<Product[] | null> {
  const products: Product[] = [];
  for (const { name, path } of places) {
    const seen = await files.hash(path);
    if (!seen) return null;
    products.push({ name, file: path, ...seen });
  }
  return products;
}

/** Puts the products of an earlier batch where they are wanted; answers why not when one is not what it was. */
export async function restoreProducts(
  kept: readonly Product[],
  wanted: readonly ProductPlace[],
  files: FileHashes,
): Promise<Product[] | string> {
  const restored: Product[] = [];
  for (const { name, path } of wanted) {
    const product = kept.find((one) => one.name === name);
    const seen = product && (await files.confirm(product.file, product));
    if (!product || seen?.hash !== product.hash) return `${name} is not there any more as it was made`;
    if (product.file !== path) await copy(product, path);
    const look = product.file === path ? seen : await files.confirm(path, { hash: '', look: null });
    if (look?.hash !== product.hash) return `${name} could not be copied`;
    restored.push({ name, file: path, ...look });
  }
  return restored;
}

/** Copied, not linked: a later task may write into it. */
async function copy({ file, look }: Product, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (look === null) await cp(file, path, { recursive: true });
  else await copyFile(file, path, constants.COPYFILE_FICLONE);
}
