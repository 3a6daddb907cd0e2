/** The tables of the native task API, as Kysely sees them; see `schema.ts` for their rules. */

import type { JsonText } from './codec.ts';

/** A request that was promised to survive: open until it has an ending. */
export interface DurableRequestTable {
  id: string;
  owner: string;
  idempotency_key: string | null;
  /** SHA-256 of what was asked for. */
  digest: string;
  session: string | null;
  model: string;
  /** `InferenceTaskAsk`; null once it has ended. */
  ask: JsonText | null;
  /** How it is shown without its prompt: `DurableFace`. */
  face: JsonText;
  /** Tokens that it may use of the budget of its session. */
  reserved_tokens: number;
  accepted_at: number;
  deadline_at: number | null;
  /** How often a controller has taken it up again. */
  lives: number;
  /** 1: a token has reached somebody, so that it cannot begin anew. */
  told: number;
  ending: 'done' | 'failed' | 'cancelled' | 'expired' | null;
  code: string | null;
  instance: string | null;
  tokens_in: number;
  tokens_out: number;
  ended_at: number | null;
  /** What is kept of its stream: `TaskEvent[]`. */
  events: JsonText | null;
}

/** What belongs together, by the word of one owner. */
export interface InferenceSessionTable {
  owner: string;
  id: string;
  turns: number;
  tokens_used: number;
  ms_used: number;
  budget_tokens: number | null;
  budget_ms: number | null;
  created_at: number;
  last_used_at: number;
}

/** Whose an artifact is; the bytes lie in a file of that name. */
export interface ArtifactTable {
  owner: string;
  /** SHA-256 in hexadecimal digits. */
  digest: string;
  size_bytes: number;
  content_type: string;
  created_at: number;
}
