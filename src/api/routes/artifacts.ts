/** Artifacts: bytes named by their own SHA-256. A key sees its own. */

import type { Readable } from 'node:stream';

import { z } from 'zod';

import { artifactViewSchema } from '../../contract/index.ts';
import type { ArtifactView } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { ArtifactRecord } from '../../store/index.ts';
import { actorName, reachOf } from '../actor.ts';
import { defineRoute } from '../route.ts';

const params = z.object({
  id: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hexadecimal digits')
    .describe('`sha256:HEX`'),
});
const tag = 'tasks';
const contentType = z.string().regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/, 'a media type, such as image/png');

export const artifactRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/artifacts',
    tag,
    summary: 'Leave bytes; their SHA-256 is their name',
    description: 'The body is the bytes, 256 MB at most. The same bytes again are the same artifact.',
    scope: 'inference',
    query: z.strictObject({ content_type: contentType.default('application/octet-stream') }),
    bodyMedia: 'application/octet-stream',
    answers: {
      201: { about: 'Kept', schema: artifactViewSchema },
      200: { about: 'It was there already', schema: artifactViewSchema },
    },
    async handle({ query, request, reply }, { artifacts }) {
      const bytes = request.body as Readable; // the parser of this type hands the stream on
      const kept = await artifacts
        .keep(actorName(request.actor), query.content_type, bytes)
        .finally(() => bytes.resume());
      return reply.status(kept.isNew ? 201 : 200).send(toView(kept.artifact));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/artifacts',
    tag,
    summary: 'List artifacts, newest first',
    scope: 'any',
    answers: { 200: { about: 'Those of the caller', schema: z.array(artifactViewSchema) } },
    async handle({ request: { actor } }, { artifacts }) {
      return (await artifacts.list(reachOf(actor))).map(toView);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/artifacts/:id',
    tag,
    summary: 'The bytes of an artifact',
    scope: 'any',
    params,
    answers: { 200: { about: 'The bytes, of the type that they came with', media: ['application/octet-stream'] } },
    errors: ['ARTIFACT_NOT_FOUND'],
    async handle({ params: { id }, request: { actor }, reply }, { artifacts }) {
      const artifact = await artifacts.find(digestOf(id), reachOf(actor));
      return reply
        .headers({
          'content-type': artifact.contentType,
          'content-length': String(artifact.sizeBytes),
          'content-disposition': 'attachment',
          'x-content-type-options': 'nosniff',
          etag: `"${id}"`,
        })
        .send(artifacts.read(artifact));
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v2/artifacts/:id',
    tag,
    summary: 'Give up an artifact',
    scope: 'any',
    params,
    answers: { 200: { about: 'It is gone', schema: z.object({}) } },
    errors: ['ARTIFACT_NOT_FOUND'],
    async handle({ params: { id }, request: { actor } }, { artifacts }) {
      await artifacts.remove(await artifacts.find(digestOf(id), reachOf(actor)));
      return {};
    },
  }),
];

function digestOf(id: string): string {
  return id.slice('sha256:'.length);
}

function toView({ digest, sizeBytes, contentType: type, owner, createdAt }: ArtifactRecord): ArtifactView {
  return { id: `sha256:${digest}`, size_bytes: sizeBytes, content_type: type, owner, created_at: isoTime(createdAt) };
}
