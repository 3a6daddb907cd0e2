/** Keys of the front door: what one may do, what is shown of it, and the one answer that holds its text. */

import { z } from 'zod';

import { KEY_SCOPES } from './words.ts';

const limit = z.number().int().min(1).max(1_000_000_000);
const terms = {
  scopes: z
    .array(z.enum(KEY_SCOPES))
    .min(1)
    .describe('inference: ask models. read: look at everything. manage: all that the operator may.'),
  models: z.array(z.string().min(1).max(300)).min(1).max(1_000).nullable(),
  rpm: limit.nullable(),
  tpm: limit.nullable(),
  concurrency: limit.nullable(),
};

export const createKeyRequestSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('For people; need not be the only one of its name.'),
  scopes: terms.scopes.default(['inference']),
  models: terms.models.default(null).describe('Names that it may ask for, `*` at the end for any ending. Null: all.'),
  rpm: terms.rpm.default(null).describe('Requests in any minute.'),
  tpm: terms.tpm.default(null).describe('Tokens in any minute, in and out.'),
  concurrency: terms.concurrency.default(null).describe('Requests at the same time.'),
  expires_in_ms: z
    .number()
    .int()
    .min(1)
    .max(100 * 365 * 86_400_000)
    .nullable()
    .default(null),
});
export type CreateKeyRequest = z.input<typeof createKeyRequestSchema>;

const keyShape = z.object({
  id: z.string().describe('Not secret: the part of the key between its underscores.'),
  name: z.string(),
  ...terms,
  state: z.enum(['active', 'expired', 'revoked']),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().describe('Written down once a minute.'),
});

export const keyViewSchema = keyShape.readonly().meta({ id: 'Key' });
export type KeyView = z.output<typeof keyViewSchema>;

export const createdKeyViewSchema = keyShape
  .extend({ key: z.string().describe('Shown this once: only its SHA-256 is kept.') })
  .readonly()
  .meta({ id: 'CreatedKey' });
export type CreatedKeyView = z.output<typeof createdKeyViewSchema>;
