/** The hub of models: what a reference means there, and how its files come to a disk. A door of its own: it loads more. */

export { CHUNK_BYTES, piecesLeft } from './chunks.ts';
export { diskFull } from './fetch-file.ts';
export { assertRoom, fetchModel, freeBytesOf } from './fetch-model.ts';
export type { FetchModelDeps } from './fetch-model.ts';
export { findHubModel } from './hub-listing.ts';
export type { HubModel } from './hub-listing.ts';
export { digestOfWhole, doneOf, PartFile } from './part-file.ts';
export { baseName, fileNameOf, HUB_PREFIX, idOfReference, readReference, showReference } from './reference.ts';
export type { HubReference } from './reference.ts';
export { shortName, SHORT_NAMES, tierOf } from './short-names.ts';
export { hubIsForbidden } from './refusal.ts';
export { hubToken } from './token.ts';
