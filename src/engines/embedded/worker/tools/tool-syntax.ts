/**
 * How a family of models writes a tool call: the pieces of text around name and arguments. Which one a model has is
 * read from its chat template. Pure.
 */

export interface ToolSyntax {
  /** Said first when calls follow; until then the answer is text. */
  readonly marker: string;
  /** Before the first call, the marker included. */
  readonly begin: string;
  /** Before, between and after the name and the arguments of one call. */
  readonly beforeName: string;
  readonly beforeArguments: string;
  readonly afterArguments: string;
  /** Between two calls; null: the family makes one call at a time. */
  readonly between: string | null;
  readonly end: string;
  /** Its tags may stand on lines of their own. */
  readonly breaks: boolean;
}

/** `<tool_call>{"name": …, "arguments": {…}}</tool_call>`: Hermes, Qwen and many others. */
const TAGGED: ToolSyntax = {
  marker: '<tool_call>',
  begin: '<tool_call>',
  beforeName: '{"name": "',
  beforeArguments: '", "arguments": ',
  afterArguments: '}',
  between: '</tool_call>\n<tool_call>',
  end: '</tool_call>',
  breaks: true,
};

/** `[TOOL_CALLS][{"name": …, "arguments": {…}}, …]`: Mistral. */
const LISTED: ToolSyntax = {
  marker: '[TOOL_CALLS]',
  begin: '[TOOL_CALLS][',
  beforeName: '{"name": "',
  beforeArguments: '", "arguments": ',
  afterArguments: '}',
  between: ', ',
  end: ']',
  breaks: false,
};

/** `{"name": …, "parameters": {…}}` and nothing else: Llama 3. */
const BARE: ToolSyntax = {
  marker: '{"name": "',
  begin: '',
  beforeName: '{"name": "',
  beforeArguments: '", "parameters": ',
  afterArguments: '}',
  between: null,
  end: '',
  breaks: false,
};

/** Null when the template says nothing of tools: such a model cannot be told of them. */
export function syntaxOf(template: string): ToolSyntax | null {
  if (!/\btools\b/.test(template)) return null;
  if (template.includes('[TOOL_CALLS]')) return LISTED;
  if (!template.includes(TAGGED.marker) && template.includes('"parameters": ')) return BARE;
  return TAGGED;
}
