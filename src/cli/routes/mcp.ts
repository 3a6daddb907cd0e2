/** `drover mcp`: its help. */

import { buildCommand } from '@stricli/core';

export const mcp = buildCommand({
  loader: async () => (await import('../commands/mcp.ts')).mcp,
  parameters: { flags: {} },
  docs: {
    brief: 'Serve the tools of this Drover to a planner (Model Context Protocol)',
    fullDescription: `Serve tools over stdin and stdout to a planner that speaks the Model Context Protocol: lint and submit plans,
look at batches and logs, list and answer escalations, ask a model, see the rig. The planner starts it.

Example, for Claude Code:
  claude mcp add drover -- drover mcp`,
  },
});
