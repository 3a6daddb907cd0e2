/** A piece of work with its parts, before OpenTelemetry makes spans of it. No behaviour. */

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Times are epoch ms. */
export interface SpanTree {
  readonly name: string;
  /** `server`: somebody asked for it from outside. */
  readonly kind: 'server' | 'internal';
  readonly from: number;
  readonly to: number;
  readonly attributes: SpanAttributes;
  /** A code; null when it went well. */
  readonly error: string | null;
  readonly parts: readonly SpanTree[];
}

/** A tree, and the span of the caller that it hangs below, in the words of W3C; null: it stands alone. */
export interface Trace {
  readonly root: SpanTree;
  readonly parent: string | null;
}
