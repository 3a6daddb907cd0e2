/** What is told of an instance whenever it has changed. */

import type { InstanceReport } from '../../contract/index.ts';

export type InstanceChange =
  | { readonly kind: 'report'; readonly report: InstanceReport; readonly adopted: boolean }
  | { readonly kind: 'gone'; readonly name: string };
