/** `drover mcp`: the tools of this Drover for a planner that speaks the Model Context Protocol, over stdin and stdout. */

import { packageVersion } from '../../config/version.ts';
import type { CliContext } from '../context.ts';

export async function mcp(this: CliContext): Promise<void> {
  const { serveStdio } = await import('../../mcp/index.ts');
  await serveStdio({ client: this.client, version: packageVersion() }, this.signal);
}
