/**
 * What the SDK is asked for in each place that it runs in, in the words of a program of somebody else. Where it counts
 * tokens it takes the likeliest one each time: with those the demo model goes on to its limit.
 */

/** @param drover of `drover/client`, at a daemon with an instance `chat` that is not up yet. */
export async function exercise(drover) {
  const before = await drover.facts.list({ last: 1 });
  const started = await drover.instances.start('chat');
  const told = await firstFact(drover, before.at(-1)?.seq ?? 0, 'instance.changed');
  const chat = await ask(drover, { maxTokens: 8, temperature: 0 });
  const left = await leaveAfterFirst(drover);
  const unknown = await drover.models.get('nobody').catch((error) => ({ code: error.code, status: error.status }));
  return {
    started: started.status,
    told: told.subject,
    chat,
    left,
    task: await runTask(drover),
    cancelled: await cancelTask(drover),
    unknown,
    models: (await drover.models.list()).map(({ id }) => id),
    batches: await drover.batches.list(),
    vectors: (await drover.embed('chat', ['hello'])).length,
  };
}

async function firstFact(drover, after, type) {
  for await (const fact of drover.facts.stream({ after })) if (fact.type === type) return fact;
  throw new Error('the stream ended');
}

async function ask(drover, more) {
  const seen = { text: '', instance: null, queuedMs: null, tokens: 0, finish: null };
  for await (const event of drover.chat({ model: 'chat', messages: [{ role: 'user', content: 'hello' }], ...more })) {
    if (event.kind === 'opened') Object.assign(seen, { instance: event.instance, queuedMs: event.queuedMs });
    else if (event.kind === 'text') seen.text += event.text;
    else Object.assign(seen, { tokens: event.usage?.completionTokens, finish: event.finishReason });
  }
  return seen;
}

async function runTask(drover) {
  const { task_id: id } = await drover.tasks.create({ model: 'chat', prompt: 'hello', max_tokens: 4, temperature: 0 });
  const events = [];
  for await (const { event } of drover.tasks.stream(id)) events.push(event);
  return {
    events: [...new Set(events)].filter((event) => event !== 'metrics'),
    status: (await drover.tasks.get(id)).status,
  };
}

async function cancelTask(drover) {
  const { task_id: id } = await drover.tasks.create({
    model: 'chat',
    prompt: 'hello',
    max_tokens: 3_000,
    temperature: 0,
  });
  for await (const { event, data } of drover.tasks.stream(id)) {
    if (event === 'token') await drover.tasks.cancel(id);
    if (event === 'error') return data.code;
  }
  return null;
}

/** Stops reading in the middle of a long answer. */
async function leaveAfterFirst(drover) {
  const chat = drover.chat({ model: 'chat', messages: [{ role: 'user', content: 'hello' }], maxTokens: 3_000 });
  for await (const event of chat) if (event.kind === 'text') return event.kind;
  return null;
}
