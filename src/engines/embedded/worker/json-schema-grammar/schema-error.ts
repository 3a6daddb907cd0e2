/** What a schema asks that no grammar of ours can keep, with its place. */

/** A JSON schema as clients send it: anything until it is looked at. */
export type Schema = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly keyword: string;
  readonly place: string;

  /** `place` is a JSON pointer, `#` for the schema itself. */
  constructor(keyword: string, place: string, why: string) {
    super(`JSON schema keyword "${keyword}" at ${place} ${why}`);
    this.keyword = keyword;
    this.place = place;
  }
}
