/** What becomes of a compiled node with an item and the places of its batch: what one attempt runs or asks. */
import type { JsonValue } from './written.ts';

/** The three names no plan or config can override. */
export interface Builtins {
  readonly batchId: string;
  /** Absolute. */
  readonly planPath: string;
  /** Absolute. */
  readonly batchPath: string;
}

/** What one item task takes: an item of the list or, with `batch_size`, a group of them. */
export interface ForeachItem {
  /** `item.id`, or the index; of a group `batch_0001_0004`. One safe path segment. */
  readonly key: string;
  /** Its place among the template's tasks, from 0. */
  readonly index: number;
  /** `<template>_<key>`. */
  readonly name: string;
  /** Of a group the list of its items' values. */
  readonly value: JsonValue;
  /** Present exactly in a group: where in the list it begins, and its items' keys. */
  readonly group?: { readonly from: number; readonly keys: readonly string[] };
}

export type Expansion =
  | { readonly kind: 'expanded'; readonly items: readonly ForeachItem[] }
  /** The template fails with this reason: malformed text, no list at the path, an item without a usable id. */
  | { readonly kind: 'failed'; readonly reason: string };

interface RenderedBase {
  readonly name: string;
  /** The plan's `env` and the `DROVER_*` values known to the plan; the agent adds its own. */
  readonly env: Readonly<Record<string, string>>;
  /** As written after substitution; relative ones resolve in the batch folder. */
  readonly requires: readonly string[];
  readonly produces: readonly string[];
  /** The item, or the list of a group's items, as JSON, for the file named by `DROVER_ITEM_FILE`. */
  readonly itemJson?: string;
}

export interface RenderedShellTask extends RenderedBase {
  readonly type: 'shell';
  /** For bash. */
  readonly command: string;
  readonly model?: string;
}

interface RenderedAsking extends RenderedBase {
  readonly prompt: string;
  readonly model: string;
  readonly input: readonly string[];
  readonly maxTokens?: number;
  readonly temperature?: number;
}

interface RenderedGenerateTask extends RenderedAsking {
  readonly type: 'generate';
}

export interface RenderedParseTask extends RenderedAsking {
  readonly type: 'parse';
  /** As in the compiled node; the path is absolute. */
  readonly schema:
    | { readonly kind: 'inline'; readonly text: string }
    | { readonly kind: 'file'; readonly path: string };
}

export interface RenderedDecideTask extends RenderedAsking {
  readonly type: 'decide';
  readonly options: readonly string[];
}

export type RenderedAskingTask = RenderedGenerateTask | RenderedParseTask | RenderedDecideTask;

export interface RenderedMetaTask extends RenderedBase {
  readonly type: 'meta';
  readonly action: 'load_llm' | 'unload_llm';
  readonly model: string;
}

export type RenderedTask = RenderedShellTask | RenderedAskingTask | RenderedMetaTask;

export type RenderResult =
  | { readonly kind: 'rendered'; readonly task: RenderedTask }
  /** A definition error found only with this item: a missing field, a NUL byte, no number where one is needed. */
  | { readonly kind: 'unrenderable'; readonly reason: string };
