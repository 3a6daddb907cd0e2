/** Models of the catalogue and their downloads, as stored, as shown, and as asked for. */

import { z } from 'zod';

export const MODEL_STATES = ['registered', 'downloading', 'ready', 'failed', 'retired'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

/** Name of a model in the catalogue. */
export const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const modelTierSchema = z.int().min(1).max(4).describe('1 to 4, from a helper to the best there is.');

/** `projector`: what a model needs beside its weights to see or hear. */
export const modelPartSchema = z.object({
  path: z.string(),
  size_bytes: z.number(),
  sha256: z.string().nullable(),
  role: z.enum(['weights', 'projector']),
});
export type ModelPart = z.output<typeof modelPartSchema>;

/** A row of `drover models ls --json`. */
export const modelViewSchema = z
  .object({
    id: z.string(),
    state: z.enum(MODEL_STATES),
    reason: z.string().nullable().describe('Why it failed.'),
    path: z.string().describe('Of its first file; empty while there is none.'),
    files: z.array(modelPartSchema.readonly()).readonly(),
    size_bytes: z.number(),
    sha256: z.string().nullable().describe('Of its first file.'),
    architecture: z.string().nullable(),
    quantisation: z.string().nullable(),
    context_length: z.number().nullable(),
    parameters: z.number().nullable(),
    tier: modelTierSchema,
    hosts: z.array(z.string()).readonly().describe('Those that hold its files.'),
    source: z.string().describe('A reference to the hub, or how it came: file, demo, import.'),
    registered_at: z.iso.datetime(),
  })
  .readonly()
  .meta({ id: 'Model' });
export type ModelView = z.output<typeof modelViewSchema>;

const fitSchema = z
  .object({
    device: z.string(),
    fits: z.boolean(),
    needed_bytes: z.number(),
    free_bytes: z.number(),
    context_size: z.number().describe('Tokens, for which that is the sum.'),
  })
  .readonly();

/** `drover models info ID --json`. */
export const modelDetailViewSchema = modelViewSchema
  .unwrap()
  .extend({
    name: z.string().nullable().describe('As its file says.'),
    layers: z.number().nullable(),
    vocabulary_size: z.number().nullable(),
    has_chat_template: z.boolean().nullable(),
    fits: z.array(fitSchema).readonly().describe('Where it would run, all of it on one device.'),
  })
  .readonly()
  .meta({ id: 'ModelDetail' });
export type ModelDetailView = z.output<typeof modelDetailViewSchema>;

/** What can be pulled by a short name. */
export const catalogEntryViewSchema = z
  .object({
    name: z.string(),
    reference: z.string(),
    tier: modelTierSchema,
    about: z.string(),
    state: z.enum(MODEL_STATES).nullable().describe('Of the model of that id; null when there is none.'),
  })
  .readonly()
  .meta({ id: 'CatalogEntry' });
export type CatalogEntryView = z.output<typeof catalogEntryViewSchema>;

export const DOWNLOAD_PHASES = ['waiting', 'downloading', 'verifying'] as const;

/** A download that runs. */
export const downloadViewSchema = z
  .object({
    model: z.string(),
    reference: z.string(),
    revision: z.string().describe('The commit that is fetched.'),
    host: z.string(),
    phase: z.enum(DOWNLOAD_PHASES).describe('waiting: its host has not told of it yet.'),
    received_bytes: z.number(),
    total_bytes: z.number(),
    bytes_per_second: z.number().nullable(),
    eta_ms: z.number().nullable(),
    note: z.string().nullable().describe('What it waits for: the last thing that went wrong, if it has.'),
    started_at: z.iso.datetime(),
  })
  .readonly()
  .meta({ id: 'Download' });
export type DownloadView = z.output<typeof downloadViewSchema>;

export const pullRequestSchema = z.strictObject({
  reference: z.string().min(1).max(1_000).describe('hf:ORG/REPO[@REV][:FILE|:QUANTISATION], or a short name.'),
  name: z.string().regex(MODEL_ID).optional().describe('Id in the catalogue; absent: it follows from the reference.'),
  tier: modelTierSchema.optional(),
  token: z.string().min(1).max(1_000).optional().describe('For the hub; it is kept nowhere.'),
});
export type PullRequest = z.output<typeof pullRequestSchema>;

/** `started`: by this call; `running`: by an earlier one; `present`: nothing is left to do. */
export const pullViewSchema = z
  .object({
    kind: z.enum(['started', 'running', 'present']),
    model: modelViewSchema,
    download: downloadViewSchema.nullable(),
  })
  .readonly()
  .meta({ id: 'Pull' });
export type PullView = z.output<typeof pullViewSchema>;

/** What a look at the files of a model said. */
export const modelCheckViewSchema = z
  .object({
    model: z.string(),
    ok: z.boolean(),
    files: z
      .array(
        z
          .object({
            path: z.string(),
            verdict: z.enum(['ok', 'missing', 'size', 'digest', 'unreadable']),
            sha256: z.string().nullable(),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly()
  .meta({ id: 'ModelCheck' });
export type ModelCheckView = z.output<typeof modelCheckViewSchema>;

/** What lies in the folder of models, and what of it nobody needs. */
export const modelUsageViewSchema = z
  .object({
    folder: z.string(),
    total_bytes: z.number(),
    free_bytes: z.number().describe('Of the disk.'),
    entries: z
      .array(
        z
          .object({
            path: z.string(),
            size_bytes: z.number().describe('On the disk.'),
            model: z.string().nullable(),
            needed: z.boolean(),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly()
  .meta({ id: 'ModelUsage' });
export type ModelUsageView = z.output<typeof modelUsageViewSchema>;

/** Of a file in the folder of a model: no path leaves it. */
export const modelFileNameSchema = z.string().regex(/^\w[\w.+ -]{0,199}$/, 'the name of a file');

/** Larger than any model: what is there of a file is told chunk by chunk. */
export const LARGEST_MODEL_FILE_BYTES = 2 ** 43;

/** What another Drover needs to know of a model to take it over. */
export const modelOfferSchema = z
  .strictObject({
    source: z.string().min(1).max(1_000),
    tier: modelTierSchema.optional(),
    files: z
      .array(
        z
          .strictObject({
            name: modelFileNameSchema,
            size_bytes: z.int().positive().max(LARGEST_MODEL_FILE_BYTES),
            sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
            role: z.enum(['weights', 'projector']),
          })
          .readonly(),
      )
      .min(1)
      .max(1_000)
      .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, 'names are told once')
      .readonly(),
  })
  .readonly()
  .meta({ id: 'ModelOffer' });
export type ModelOffer = z.output<typeof modelOfferSchema>;

/** Bytes `from` to `to` of a file, the last one not included. */
const modelPieceSchema = z
  .object({ name: z.string(), size_bytes: z.number(), sha256: z.string(), from: z.number(), to: z.number() })
  .readonly();
export type ModelPiece = z.output<typeof modelPieceSchema>;

/** `present`: it was there; `wanted`: bytes are missing; `arrived`: the last was there, and now it is in the catalogue. */
export const offerViewSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('present'), model: modelViewSchema }).readonly(),
    z.object({ kind: z.literal('arrived'), model: modelViewSchema }).readonly(),
    z
      .object({
        kind: z.literal('wanted'),
        received_bytes: z.number(),
        total_bytes: z.number(),
        missing: z.array(modelPieceSchema).readonly(),
      })
      .readonly(),
  ])
  .meta({ id: 'OfferAnswer' });
export type OfferView = z.output<typeof offerViewSchema>;

/** Fewer than were sent where others had come since the offer. */
export const takenViewSchema = z.object({ taken_bytes: z.number() }).readonly();
export type TakenView = z.output<typeof takenViewSchema>;

/** What a host is told to fetch. Paths are below its folder of models. */
export const fetchOrderSchema = z.object({
  model: z.string().regex(MODEL_ID),
  files: z.array(
    z.object({
      url: z.url(),
      name: modelFileNameSchema,
      sizeBytes: z.number(),
      sha256: z.string().nullable(),
    }),
  ),
});
export type FetchOrder = z.output<typeof fetchOrderSchema>;

/** What a host has fetched, in the order of its order. */
export const fetchedFilesSchema = z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() }));
export type FetchedFiles = z.output<typeof fetchedFilesSchema>;

/** What a host tells of a download about twice a second. */
export const fetchProgressSchema = z.object({
  model: z.string(),
  phase: z.enum(['downloading', 'verifying']),
  receivedBytes: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: z.number().nullable(),
  /** The last thing that went wrong, until bytes come again. */
  note: z.string().nullable(),
});
export type FetchProgress = z.output<typeof fetchProgressSchema>;
