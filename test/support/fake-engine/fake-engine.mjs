#!/usr/bin/env node
/**
 * A program that looks like llama-server and fails on request: loads for a while, answers 503, crashes, hangs, ignores
 * signals, forks, floods its log. Runs as engine kind `llama-server` through `engine.path`. No model is read.
 *
 * Switches, by environment (FAKE_ENGINE_X) or by flag (--fake-x), the flag wins:
 *   LOAD_MS          how long /health answers 503 after the port is open                       [0]
 *   LISTEN_MS        how long before the port is open (connection refused)                     [0]
 *   NEVER_READY      1: answers 503 for ever
 *   EXIT_AT_START    exit code: prints FAKE_ENGINE_STDERR and exits before listening
 *   STDERR           text for EXIT_AT_START                                                    [fake engine gives up]
 *   CRASH_AFTER_MS   exits with CRASH_CODE this long after it is ready
 *   CRASH_ON_REQUEST exits with CRASH_CODE when the Nth completion request arrives (from 1)
 *   CRASH_AT_TOKEN   exits with CRASH_CODE before this token of any completion (from 1)
 *   CRASH_CODE       exit code of a crash; a signal name (SIGSEGV) kills itself by it          [42]
 *   HANG             health: /health never answers; prompt: a completion never gets its first token; tokens: it stops
 *                    after 3 tokens; slots: /slots never answers; all: nothing answers
 *   HANG_AFTER_MS    HANG begins only this long after ready                                    [0]
 *   HANG_ON_REQUEST  HANG begins only when the Nth completion request arrives (from 1)
 *   IGNORE_SIGTERM   1: only SIGKILL ends it
 *   TERM_MS          how long it takes to end after SIGTERM                                    [0]
 *   FORK_CHILD       1: starts a grandchild in its process group that outlives it if not killed;
 *                    detached: one in a session of its own; bare: one in its group, without any environment
 *   LOG_LINE_BYTES   prints one line of this size to stderr at start, and one more per request [0]
 *   LOG_LINES        prints this many lines to stdout and stderr at start                      [0]
 *   TOKEN_MS         milliseconds per token                                                    [0]
 *   PROMPT_MS        milliseconds before the first token                                       [0]
 *   TOKENS           tokens of an answer when the request sets no limit                        [16]
 *   WRONG            status: 500 on completions; busy: 429; json: a broken body; shape: `{}`; stream: a stream without [DONE]
 *   VERSION          what --version says                                                       [fake-1]
 */

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const FLAGS_WITHOUT_VALUE = new Set([
  '--metrics',
  '--slots',
  '--no-slots',
  '--no-ui',
  '--props',
  '--jinja',
  '--fake-help',
]);
const HELP = `----- common params -----

-h,    --help, --usage                  print usage and exit
--version                               show version and build info
-m,    --model FNAME                    model path to load
-c,    --ctx-size N                     size of the prompt context
-b,    --batch-size N                   logical maximum batch size
-t,    --threads N                      number of CPU threads
-np,   --parallel N                     number of server slots
-ngl,  --gpu-layers, --n-gpu-layers N   max. number of layers to store in VRAM
-dev,  --device <dev1,dev2,..>          devices to use for offloading
-sm,   --split-mode {none,layer,row}    how to split the model
-fit,  --fit [on|off]                   adjust unset arguments to device memory
-a,    --alias STRING                   model name aliases
--host HOST                             ip address to listen on
--port PORT                             port to listen on
--metrics                               enable the metrics endpoint
--slots, --no-slots                     expose slots
--ui, --webui, --no-ui, --no-webui      whether to enable the Web UI
`;

function parseArgs(argv) {
  const values = new Map();
  for (let at = 0; at < argv.length; at++) {
    const [name, inline] = argv[at].split('=', 2);
    if (inline !== undefined) values.set(name, inline);
    else if (FLAGS_WITHOUT_VALUE.has(name) || argv[at + 1] === undefined || /^--[a-z]/.test(argv[at + 1]))
      values.set(name, '1');
    else values.set(name, argv[++at]);
  }
  return values;
}

const args = parseArgs(process.argv.slice(2));
const setting = (name) =>
  args.get(`--fake-${name.toLowerCase().replaceAll('_', '-')}`) ?? (process.env[`FAKE_ENGINE_${name}`] || undefined);
const number = (name, fallback) => Number(setting(name) ?? fallback);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (args.has('--help') || args.has('-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (args.has('--version')) {
  process.stderr.write(`version: ${setting('VERSION') ?? 'fake-1'} (fake)\n`);
  process.exit(0);
}

const host = args.get('--host') ?? '127.0.0.1';
const port = Number(args.get('--port') ?? 8080);
const alias = args.get('--alias') ?? args.get('-a') ?? 'fake';
const slotCount = Number(args.get('--parallel') ?? args.get('-np') ?? 1);
const contextSize = Math.floor(Number(args.get('--ctx-size') ?? args.get('-c') ?? 4096) / slotCount);
const key = process.env.LLAMA_API_KEY;
const WORDS = 'the herd walks along the river while the drover counts every llama and writes the number down .'.split(
  ' ',
);

const state = { ready: false, hanging: null, requests: 0, deferred: [], tokens: 0 };
const slots = Array.from({ length: slotCount }, (_, id) => ({ id, task: -1, decoded: 0, busy: false }));

function crash() {
  const code = setting('CRASH_CODE') ?? '42';
  process.stderr.write(`fake engine crashes with ${code}\n`);
  if (code.startsWith('SIG')) process.kill(process.pid, code);
  else process.exit(Number(code));
}

function floodLog() {
  const bytes = number('LOG_LINE_BYTES', 0);
  if (bytes > 0) process.stderr.write(`${'x'.repeat(bytes - 1)}\n`);
}

function send(response, status, body) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendError(response, code, message, type) {
  send(response, code, { error: { code, message, type } });
}

function slotView(slot) {
  return {
    id: slot.id,
    id_task: slot.task,
    n_ctx: contextSize,
    speculative: false,
    is_processing: slot.busy,
    params: {},
    next_token: [{ has_next_token: slot.busy, has_new_line: false, n_remain: -1, n_decoded: slot.decoded }],
  };
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
}

function takeSlot(gone) {
  const free = slots.find((slot) => !slot.busy);
  if (free) {
    free.busy = true;
    return Promise.resolve(free);
  }
  return new Promise((resolve, reject) => {
    const waiter = { resolve };
    state.deferred.push(waiter);
    gone.addEventListener('abort', () => {
      state.deferred = state.deferred.filter((other) => other !== waiter);
      reject(new Error('client left'));
    });
  });
}

function freeSlot(slot) {
  const next = state.deferred.shift();
  slot.decoded = 0;
  if (next) next.resolve(slot);
  else slot.busy = false;
}

async function* generate(slot, limit, gone) {
  const tokenMs = number('TOKEN_MS', 0);
  const crashAt = number('CRASH_AT_TOKEN', 0);
  if (number('PROMPT_MS', 0) > 0) await wait(number('PROMPT_MS', 0));
  if (state.hanging === 'prompt') await new Promise(() => {});
  for (let index = 0; index < limit && !gone.aborted; index++) {
    if (crashAt > 0 && index + 1 >= crashAt) crash();
    if (state.hanging === 'tokens' && index >= 3) await new Promise(() => {});
    if (tokenMs > 0) await wait(tokenMs);
    slot.decoded++;
    state.tokens++;
    yield (index === 0 ? '' : ' ') + WORDS[index % WORDS.length];
  }
}

const finishShape = (chat, text) =>
  chat
    ? { index: 0, message: { role: 'assistant', content: text }, finish_reason: 'length' }
    : { index: 0, text, logprobs: null, finish_reason: 'length' };

const chunkShape = (chat, text, finish) =>
  chat
    ? { index: 0, delta: text === null ? {} : { content: text }, finish_reason: finish }
    : { index: 0, text: text ?? '', logprobs: null, finish_reason: finish };

async function complete(request, response, chat) {
  const body = await readBody(request);
  state.requests++;
  floodLog();
  if (state.requests === number('CRASH_ON_REQUEST', 0)) crash();
  if (state.requests === number('HANG_ON_REQUEST', 0)) startHanging();
  const wrong = setting('WRONG');
  if (wrong === 'status') return sendError(response, 500, 'fake failure', 'server_error');
  if (wrong === 'busy') return sendError(response, 429, 'fake crowd', 'rate_limit_error');
  if (wrong === 'json') return send(response, 200, '{"choices": [');
  if (wrong === 'shape') return send(response, 200, {});
  const left = new AbortController();
  response.on('close', () => left.abort());
  const slot = await takeSlot(left.signal);
  try {
    slot.task = state.requests;
    await answer(body, response, chat, slot, left.signal);
  } finally {
    freeSlot(slot);
  }
}

async function answer(body, response, chat, slot, gone) {
  const limit = body.max_completion_tokens ?? body.max_tokens ?? body.n_predict ?? number('TOKENS', 16);
  const prompt = chat ? JSON.stringify(body.messages ?? []) : String(body.prompt ?? '');
  const promptTokens = Math.max(1, Math.ceil(prompt.length / 4));
  const base = {
    id: `chatcmpl-fake-${state.requests}`,
    created: Math.floor(Date.now() / 1000),
    model: body.model ?? alias,
  };
  const usage = (count) => ({
    completion_tokens: count,
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + count,
  });
  let count = 0;
  if (body.stream !== true) {
    let text = '';
    for await (const piece of generate(slot, limit, gone)) {
      text += piece;
      count++;
    }
    const object = chat ? 'chat.completion' : 'text_completion';
    return send(response, 200, { ...base, object, choices: [finishShape(chat, text)], usage: usage(count) });
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const object = chat ? 'chat.completion.chunk' : 'text_completion';
  const write = (value) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  if (chat) {
    write({
      ...base,
      object,
      choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }],
    });
  }
  for await (const piece of generate(slot, limit, gone)) {
    count++;
    write({ ...base, object, choices: [chunkShape(chat, piece, null)] });
  }
  if (gone.aborted) return;
  write({ ...base, object, choices: [chunkShape(chat, null, 'length')] });
  if (body.stream_options?.include_usage === true) write({ ...base, object, choices: [], usage: usage(count) });
  response.end(setting('WRONG') === 'stream' ? '' : 'data: [DONE]\n\n');
}

const MODEL = () => ({
  id: alias,
  object: 'model',
  created: 0,
  owned_by: 'llamacpp',
  meta: { n_ctx_train: contextSize },
});

function metrics() {
  return [
    `llamacpp:tokens_predicted_total ${state.tokens}`,
    `llamacpp:requests_processing ${slots.filter((slot) => slot.busy).length}`,
    `llamacpp:requests_deferred ${state.deferred.length}`,
    '',
  ].join('\n');
}

async function route(request, response) {
  const path = new URL(request.url, 'http://engine').pathname;
  if (state.hanging === 'slots' && path === '/slots') return;
  if (state.hanging === 'all' || (state.hanging === 'health' && path.endsWith('/health'))) return;
  const open = path === '/health' || path === '/v1/health';
  if (key && !open && request.headers.authorization !== `Bearer ${key}`) {
    return sendError(response, 401, 'Invalid API Key', 'authentication_error');
  }
  if (!state.ready) return sendError(response, 503, 'Loading model', 'unavailable_error');
  if (open) return send(response, 200, { status: 'ok' });
  if (path === '/v1/models' || path === '/models') return send(response, 200, { object: 'list', data: [MODEL()] });
  if (path === '/slots') return send(response, 200, slots.map(slotView));
  if (path === '/metrics') return response.writeHead(200, { 'content-type': 'text/plain' }).end(metrics());
  if (path === '/props') {
    const settings = { n_ctx: contextSize, params: {} };
    return send(response, 200, {
      default_generation_settings: settings,
      total_slots: slotCount,
      build_info: 'fake',
      model_path: args.get('--model') ?? null,
    });
  }
  if (path === '/v1/chat/completions') return complete(request, response, true);
  if (path === '/v1/completions' || path === '/completion') return complete(request, response, false);
  if (path === '/tokenize')
    return send(response, 200, {
      tokens: [...String((await readBody(request)).content ?? '')].map((_, index) => index),
    });
  return sendError(response, 404, 'File Not Found', 'not_found_error');
}

function startHanging() {
  state.hanging = setting('HANG') ?? null;
}

function becomeReady() {
  if (setting('NEVER_READY') === '1') return;
  state.ready = true;
  process.stderr.write('main: model loaded\n');
  if (number('CRASH_AFTER_MS', -1) >= 0) setTimeout(crash, number('CRASH_AFTER_MS', 0));
  if (number('HANG_AFTER_MS', 0) > 0) setTimeout(startHanging, number('HANG_AFTER_MS', 0));
  else if (setting('HANG_ON_REQUEST') === undefined) startHanging();
}

function forkChild() {
  const how = setting('FORK_CHILD');
  if (how === undefined) return;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: how === 'detached',
    ...(how === 'bare' ? { env: {} } : {}),
  });
  process.stderr.write(`fake engine child ${child.pid}\n`);
  child.unref();
}

function onTerm() {
  if (setting('IGNORE_SIGTERM') === '1') return;
  setTimeout(() => process.exit(0), number('TERM_MS', 0));
}

if (setting('EXIT_AT_START') !== undefined) {
  process.stderr.write(`${setting('STDERR') ?? 'fake engine gives up'}\n`);
  process.exit(Number(setting('EXIT_AT_START')));
}
process.on('SIGTERM', onTerm);
process.on('SIGINT', onTerm);
floodLog();
for (let line = 0; line < number('LOG_LINES', 0); line++) {
  process.stdout.write(`stdout line ${line}\n`);
  process.stderr.write(`stderr line ${line}\n`);
}
forkChild();

const server = createServer((request, response) => {
  route(request, response).catch((error) => {
    if (!response.headersSent && !response.destroyed) sendError(response, 500, String(error), 'server_error');
    else response.destroy();
  });
});
server.on('error', (error) => {
  process.stderr.write(`couldn't bind HTTP server socket, hostname: ${host}, port: ${port}: ${error.code}\n`);
  process.exit(1);
});
await wait(number('LISTEN_MS', 0));
server.listen(port, host, () => {
  process.stderr.write(`main: server is listening on http://${host}:${port}\n`);
  if (number('LOAD_MS', 0) > 0) setTimeout(becomeReady, number('LOAD_MS', 0));
  else becomeReady();
});
