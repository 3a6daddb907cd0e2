/** Why a request or an instance is as it is, in one sentence. Pure. */

import type { PoolMember } from '../../../contract/pools.ts';
import type { InstanceDetailView } from '../../../contract/instance-views.ts';
import type { RequestDetailView } from '../../../contract/requests.ts';
import { duration } from '../../format.ts';

export function requestReason(request: RequestDetailView): string | null {
  const { state, code, instance, status, queue_ms: queueMs, duration_ms: durationMs } = request;
  const tries = request.attempts > 1 ? `, in try ${request.attempts}` : '';
  switch (state) {
    case 'queued':
      return waits(request);
    case 'dispatched':
      return `${instance} reads its prompt since ${duration(durationMs - queueMs)}${tries}; nothing has come yet`;
    case 'streaming':
      return `${instance} answers it${tries}; the first content came after ${duration(request.first_byte_ms)}`;
    case 'done':
      return `${instance} answered it in ${duration(durationMs)}, ${duration(queueMs)} of them in the queue${tries}`;
    default:
      return `${code ?? 'it ended early'} after ${duration(durationMs)}${status === null ? '' : `, told as HTTP ${status}`}`;
  }
}

function waits({
  position,
  starts_in_ms: startsInMs,
  placement,
  waking,
  model,
  queue_ms: waitedMs,
}: RequestDetailView): string {
  const place = position === 0 ? '' : `, ${position - 1} before it`;
  const start = startsInMs === null ? '' : `; begins in about ${duration(startsInMs)}`;
  const said = (placement ?? []).map(({ instance, verdict }) => `${instance}: ${verdict}`).join(', ');
  const course = waking === null ? '' : `; ${wakes(waking)}`;
  const tail = `${start}${course}${said === '' ? '' : ` (${said})`}`;
  return `waits for a slot of "${model}" since ${duration(waitedMs)}${place}${tail}`;
}

function wakes({ doing, instances, room_in_ms: roomInMs }: NonNullable<RequestDetailView['waking']>): string {
  if (doing === 'loading') return 'it is being loaded';
  const names = instances.join(', ');
  if (doing === 'making-room') return `room is made for it by ${names}`;
  const until = roomInMs === null ? 'until one of them is idle' : `for ${duration(roomInMs)} at least (swap_window)`;
  return `its memory is held by ${names}, ${until}`;
}

/** `breaker`: what its latest calls have come to. */
export function instanceReason(
  { view, report, problems }: InstanceDetailView,
  breaker: PoolMember['breaker'],
): string | null {
  const [problem] = problems;
  if (view.draining) return 'it finishes what runs and takes nothing new, until "drover up" ends that';
  const failure = report?.failure ?? null;
  if (view.status === 'backoff') {
    const due = `the next start is due at ${report?.next_start_at ?? 'a moment that nobody knows'}`;
    return `${failure === null ? 'its process ended' : withHint(failure)}; ${due}`;
  }
  if (failure !== null) return withHint(failure);
  switch (view.status) {
    case 'ready':
      if (breaker === 'open')
        return `its calls fail: for 30 s others of its model are asked; run "drover logs ${view.name}"`;
      if (breaker === 'half-open') return 'its calls have failed, and it is tried again';
      return view.health_detail ?? `it serves, ${view.slots.busy} of ${view.slots.total} slots are taken`;
    case 'asleep':
      return 'nobody asked for it for a while; the next request wakes it';
    case 'unhealthy':
      return `its process lives and does not answer as it should: ${view.health_detail ?? 'nothing more is known'}`;
    case 'stopped':
      return problem === undefined ? stopped(view.desired) : withHint(problem);
    default:
      return view.reason;
  }
}

function stopped(desired: string): string {
  return desired === 'stopped' ? 'it was stopped, or never started' : 'its agent has not started it yet';
}

function withHint({ message, hint }: { readonly message: string; readonly hint: string | null }): string {
  return hint === null ? message : `${message}; ${hint}`;
}
