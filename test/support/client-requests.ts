/** Requests as agents on the command line send them: written by hand, in the shape of what Claude Code 2.1.197 and Codex 0.169 send. */

const SCHEMA = 'http://json-schema.org/draft-07/schema#';

const bash = {
  name: 'Bash',
  description: 'Executes a bash command.',
  input_schema: {
    $schema: SCHEMA,
    type: 'object',
    properties: {
      command: { type: 'string', description: 'The command to execute' },
      timeout: { type: 'number', description: 'Optional timeout in milliseconds' },
      run_in_background: { type: 'boolean' },
    },
    required: ['command'],
    additionalProperties: false,
  },
};

const webFetch = {
  name: 'WebFetch',
  description: 'Fetches a page and answers a question about it.',
  input_schema: {
    $schema: SCHEMA,
    type: 'object',
    properties: { url: { type: 'string', format: 'uri' }, prompt: { type: 'string' } },
    required: ['url', 'prompt'],
    additionalProperties: false,
  },
};

const todoWrite = {
  name: 'TodoWrite',
  description: 'Writes the list of what is to be done.',
  input_schema: {
    $schema: SCHEMA,
    type: 'object',
    properties: {
      todos: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            content: { type: 'string', minLength: 1 },
            status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
          },
          required: ['content', 'status'],
          additionalProperties: false,
        },
      },
    },
    required: ['todos'],
    additionalProperties: false,
  },
};

/** The line that Claude Code changes with every request. */
export const BILLING_LINE = 'x-anthropic-billing-header: cc_version=2.1.197.fa0; cc_entrypoint=sdk-cli;';

const cached = { cache_control: { type: 'ephemeral' } };

/** A second turn: a tool was called, and its result is told. Sent to `/v1/messages?beta=true`. */
export function claudeCodeRequest(model: string) {
  return {
    model,
    max_tokens: 24,
    stream: true,
    system: [
      { type: 'text', text: BILLING_LINE },
      { type: 'text', text: 'You are Claude Code, a command line tool.', ...cached },
      { type: 'text', text: 'Be concise.', ...cached },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system-reminder>Today is a good day.</system-reminder>' },
          { type: 'text', text: 'List the files.', ...cached },
        ],
      },
      { role: 'system', content: 'Two other agents can be asked.' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'ls will do', signature: 'sig' },
          { type: 'text', text: 'I will look.' },
          { type: 'tool_use', id: 'toolu_01', name: 'Bash', input: { command: 'ls' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_01',
            content: [{ type: 'text', text: 'README.md' }],
            is_error: false,
            ...cached,
          },
        ],
      },
    ],
    tools: [bash, webFetch, todoWrite, { type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
    metadata: { user_id: JSON.stringify({ device_id: '0f', account_uuid: '', session_id: '2c' }) },
    thinking: { type: 'adaptive' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    output_config: { effort: 'high' },
    temperature: 1,
  };
}

export const CLAUDE_CODE_HEADERS = {
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,mid-conversation-system-2026-04-07',
  'x-claude-code-session-id': '2c',
  'x-app': 'cli',
  authorization: 'Bearer none',
};

const codexMessage = (role: string, ...texts: readonly string[]) => ({
  type: 'message',
  id: `msg_${role}`,
  role,
  content: texts.map((text) => ({ type: 'input_text', text })),
});

/** A third turn, as Codex sends it to `/v1/responses`. */
export function codexRequest(model: string) {
  return {
    model,
    input: [
      codexMessage('developer', 'You are Codex, running in a terminal.'),
      codexMessage('developer', 'There are two skills.', '<permissions>read only</permissions>'),
      codexMessage('user', '<environment_context>bash</environment_context>'),
      codexMessage('user', 'List the files.'),
      { type: 'reasoning', summary: [], encrypted_content: 'xyz' },
      { type: 'function_call', name: 'shell', arguments: '{"command":["ls"]}', call_id: 'call_1' },
      { type: 'function_call_output', call_id: 'call_1', output: 'README.md' },
      { type: 'function_call', name: 'ask', namespace: 'agents', arguments: '{"who":"one"}', call_id: 'call_2' },
      { type: 'function_call_output', call_id: 'call_2', output: 'gone' },
    ],
    tools: [
      {
        type: 'function',
        name: 'shell',
        description: 'Runs a command.',
        strict: false,
        parameters: {
          type: 'object',
          properties: {
            command: { type: 'array', items: { type: 'string' } },
            workdir: { type: 'string' },
            timeout_ms: { type: 'number' },
          },
          required: ['command'],
          additionalProperties: false,
        },
      },
      {
        type: 'namespace',
        name: 'agents',
        description: 'Other agents.',
        tools: [
          {
            type: 'function',
            name: 'ask',
            description: 'Asks an agent.',
            strict: false,
            parameters: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] },
          },
        ],
      },
      { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
      { type: 'web_search', external_web_access: false },
      { type: 'local_shell' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '0199-1',
    text: { verbosity: 'medium' },
    client_metadata: { session_id: '0199-1', turn_id: '0199-2' },
    max_output_tokens: 24,
  };
}
