/** The part of the client that is about requests as they pass the front door. */

import type { RequestDetailView, RequestView } from '../../contract/requests.ts';
import { query } from './calls.ts';
import type { Calls } from './calls.ts';

export interface RequestClient {
  /** Newest first. */
  requests(filter: {
    readonly state?: RequestView['state'] | undefined;
    readonly model?: string | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly RequestView[]>;
  request(id: string): Promise<RequestDetailView>;
  cancelRequest(id: string): Promise<RequestView>;
}

export function createRequestClient({ call }: Calls): RequestClient {
  return {
    requests: (filter) => call('GET', `/v2/requests${query(filter)}`),
    request: (id) => call('GET', `/v2/requests/${encodeURIComponent(id)}`),
    cancelRequest: (id) => call('POST', `/v2/requests/${encodeURIComponent(id)}/cancel`),
  };
}
