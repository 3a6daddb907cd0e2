/**
 * How true the two promises of a queue are: `Retry-After` of who finds it full, against the moment at which all that waited
 * then had a slot, and the forecast of the start of who waits. Who was refused comes back when he was told to.
 * Run: `npm run bench -- serving/retry-after [--rounds 5] [--service MS]`.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { startGateway } from '../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../test/support/synthetic-upstream.ts';
import { median, numberFrom, percentile, printTable, roundsFrom } from '../support.ts';

const ROUNDS = roundsFrom(process.argv);
const SERVICE_MS = numberFrom(process.argv, '--service', 400);
const SLOTS = 4;
const QUEUE = 20;
const REFUSED = 5;
const LOOK_MS = 2;

interface Promised {
  readonly saidMs: number;
  /** Until everybody who waited at the refusal had a slot. */
  readonly actualMs: number;
  /** He came back when he was told to and got in. */
  readonly gotIn: boolean;
}

/** How long requests take: milliseconds, of a number from 0 to 1. */
const SERVICES: Readonly<Record<string, (share: number) => number>> = {
  'all the same': () => SERVICE_MS,
  'from a half to one and a half': (share) => SERVICE_MS * (0.5 + share),
  exponential: (share) => -SERVICE_MS * Math.log(1 - share),
};

const rows = [];
for (const [service, msOf] of Object.entries(SERVICES)) rows.push({ service, ...(await measure(msOf)) });
printTable(`${SLOTS} slots, a queue of ${QUEUE}, ${SERVICE_MS} ms a request in the mean, ${ROUNDS} rounds`, rows);

async function measure(msOf: (share: number) => number) {
  const upstream = await startSyntheticUpstream({ slots: SLOTS, quiet: true });
  const limits = { queueLength: QUEUE };
  const rig = await startGateway([{ name: 'bench', port: upstream.port, slots: SLOTS }], { limits });
  try {
    const promised: Promised[] = [];
    const ask = (): Promise<Response> => rig.post(bodyOf(msOf(Math.random())));
    await Promise.all(Array.from({ length: 2 * SLOTS }, () => ask().then(dump)));
    for (let round = 0; round < ROUNDS; round++) promised.push(...(await fillAndRefuse(rig, ask)));
    const errors = promised.map(({ saidMs, actualMs }) => Math.abs(saidMs - actualMs));
    const { forecast } = rig.gateway.snapshot();
    return {
      'time to work it off, median ms': median(promised.map(({ actualMs }) => actualMs)),
      'Retry-After off by, p50 ms': median(errors),
      'p90 ms': percentile(errors, 0.9),
      'got in at the first return': `${promised.filter(({ gotIn }) => gotIn).length} of ${promised.length}`,
      'forecast of the start off by, p50 ms': forecast.medianMs ?? Number.NaN,
      'its p90 ms': forecast.p90Ms ?? Number.NaN,
    };
  } finally {
    await rig[Symbol.asyncDispose]();
    await upstream.close();
  }
}

async function fillAndRefuse(rig: GatewayRig, ask: () => Promise<Response>): Promise<readonly Promised[]> {
  const filling: Promise<number>[] = [];
  while (rig.gateway.snapshot().queued < QUEUE) {
    filling.push(begun(ask));
    await sleep(LOOK_MS);
  }
  const refusedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: REFUSED }, ask));
  const refusals = answers.filter(({ status }) => status === 429);
  const returns = refusals.map(async ({ headers }) => {
    const saidMs = Number(headers.get('retry-after-ms'));
    await sleep(Math.max(0, saidMs - (performance.now() - refusedAt)));
    return { saidMs, gotIn: (await dump(await ask())) === 200 };
  });
  const actualMs = Math.max(...(await Promise.all(filling))) - refusedAt;
  await Promise.all(answers.map(dump));
  return (await Promise.all(returns)).map((each) => ({ ...each, actualMs }));
}

/** When it got a slot; 0 when it was refused. */
async function begun(ask: () => Promise<Response>): Promise<number> {
  const askedAt = performance.now();
  const answer = await ask();
  await dump(answer);
  return answer.status === 200 ? askedAt + Number(answer.headers.get('x-drover-queue-ms')) : 0;
}

function bodyOf(serviceMs: number): object {
  return {
    model: 'bench',
    messages: [{ role: 'user', content: 'hello' }],
    user: JSON.stringify({ tokens: 1, prefillMs: serviceMs }),
  };
}

async function dump(answer: Response): Promise<number> {
  await answer.arrayBuffer();
  return answer.status;
}
