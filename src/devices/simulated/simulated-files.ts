/**
 * What stand-ins for real programs and tests write about simulated cards, one folder a card: `card.json` says what its
 * sensors show, every other file holds the megabytes that one program uses. The protocol is in `docs/devices.md`.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { readFileIfExists } from '../../kernel/index.ts';

const cardScriptSchema = z.object({
  /** True: its driver does not answer for it. */
  gone: z.boolean().default(false),
  temperature_c: z.number().optional(),
  power_w: z.number().optional(),
  power_limit_w: z.number().optional(),
  utilisation_percent: z.number().optional(),
  throttle_reasons: z.array(z.string()).optional(),
  pcie_generation: z.number().optional(),
  pcie_width: z.number().optional(),
});
export type CardScript = z.output<typeof cardScriptSchema>;

export interface SimulatedFiles {
  /** What was written about the card's sensors; one that cannot be read says nothing. */
  script(card: string): CardScript | null;
  /** Bytes by the name of the file that tells of them. */
  held(card: string): ReadonlyMap<string, number>;
  /** Where the program of an owner may write how much it holds. */
  pathOf(card: string, owner: string): string;
  /** The program has ended: what it held is free, unless it wrote that it `stays`. */
  ended(card: string, owner: string): void;
}

const MIB = 1024 * 1024;
const SCRIPT = 'card.json';
/** `3000` or `3000 stays`. */
const HOLDING = /^\s*(\d+(?:\.\d+)?)\s*(stays)?/;

export function createSimulatedFiles(folder: string): SimulatedFiles {
  const read = (card: string, name: string): string => readFileIfExists(join(folder, card, name)) ?? '';
  return {
    script(card) {
      try {
        return cardScriptSchema.parse(JSON.parse(read(card, SCRIPT)));
      } catch {
        return null;
      }
    },
    held(card) {
      const names = listFolder(join(folder, card)).filter((name) => name !== SCRIPT);
      return new Map(names.map((name) => [name, Number(HOLDING.exec(read(card, name))?.[1] ?? 0) * MIB]));
    },
    pathOf(card, owner) {
      mkdirSync(join(folder, card), { recursive: true });
      return join(folder, card, nameOf(owner));
    },
    ended(card, owner) {
      if (!existsSync(join(folder, card))) return;
      const name = nameOf(owner);
      if (HOLDING.exec(read(card, name))?.[2] === undefined) rmSync(join(folder, card, name), { force: true });
    },
  };
}

export function nameOf(owner: string): string {
  return createHash('sha256').update(owner).digest('hex').slice(0, 16);
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
