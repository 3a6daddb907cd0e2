/** Artifacts: bytes that are named by their own SHA-256. */

import { z } from 'zod';

export const artifactViewSchema = z
  .object({
    id: z.string().describe('sha256:HEX'),
    size_bytes: z.number(),
    content_type: z.string(),
    owner: z.string(),
    created_at: z.iso.datetime(),
  })
  .readonly()
  .meta({ id: 'Artifact' });
export type ArtifactView = z.output<typeof artifactViewSchema>;
