/** `drover batch pause`, `resume` and `retry`: what a person does to the course of a batch. */

import type { BatchSummaryView, RetryRequest } from '../../../contract/tasks.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { progressOf } from '../../format.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function pause(this: CliContext, { json }: JsonFlag, id: string): Promise<void> {
  tell(this, json, await this.client.pauseBatch(id));
}

export async function resume(this: CliContext, { json }: JsonFlag, id: string): Promise<void> {
  tell(this, json, await this.client.resumeBatch(id));
}

interface RetryFlags extends JsonFlag {
  readonly failed: boolean;
  readonly from?: string;
  readonly items?: readonly string[];
}

export async function retry(this: CliContext, flags: RetryFlags, id: string): Promise<void> {
  tell(this, flags.json, await this.client.retryBatch(id, requestOf(flags)));
}

/** More than one choice is refused by the controller, which says so. */
function requestOf({ failed, from, items }: RetryFlags): RetryRequest {
  return {
    ...(failed ? { failed: true } : {}),
    ...(from === undefined ? {} : { from }),
    ...(items === undefined ? {} : { items: [...items] }),
  };
}

function tell(context: CliContext, json: boolean, batch: BatchSummaryView): void {
  if (json) return printJson(context, batch);
  context.out.line(`batch ${batch.batch_id} is ${batch.status}: ${progressOf(batch.tasks)}`);
}
