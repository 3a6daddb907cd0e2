/** Names for models that people ask for first, each with the file of the hub that it means. Data alone. */

interface ShortName {
  readonly name: string;
  readonly reference: string;
  /** 1 to 4, from a helper to the best there is. */
  readonly tier: number;
  readonly about: string;
}

export const SHORT_NAMES: readonly ShortName[] = [
  {
    name: 'tinyllama',
    reference: 'hf:TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF:tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf',
    tier: 1,
    about: 'TinyLlama 1.1B Chat',
  },
  {
    name: 'qwen-0.5b',
    reference: 'hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:qwen2.5-0.5b-instruct-q4_k_m.gguf',
    tier: 1,
    about: 'Qwen 2.5 0.5B Instruct',
  },
  {
    name: 'qwen-1.5b',
    reference: 'hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:qwen2.5-1.5b-instruct-q4_k_m.gguf',
    tier: 1,
    about: 'Qwen 2.5 1.5B Instruct',
  },
  {
    name: 'qwen-coder-7b',
    reference: 'hf:Qwen/Qwen2.5-Coder-7B-Instruct-GGUF:qwen2.5-coder-7b-instruct-q4_k_m.gguf',
    tier: 2,
    about: 'Qwen 2.5 Coder 7B Instruct',
  },
  { name: 'qwen3-4b', reference: 'hf:Qwen/Qwen3-4B-GGUF:Qwen3-4B-Q4_K_M.gguf', tier: 2, about: 'Qwen 3 4B' },
  { name: 'qwen3-8b', reference: 'hf:Qwen/Qwen3-8B-GGUF:Qwen3-8B-Q4_K_M.gguf', tier: 2, about: 'Qwen 3 8B' },
  {
    name: 'llama-3.2-3b',
    reference: 'hf:bartowski/Llama-3.2-3B-Instruct-GGUF:Llama-3.2-3B-Instruct-Q4_K_M.gguf',
    tier: 1,
    about: 'Llama 3.2 3B Instruct',
  },
  {
    name: 'llama-3.1-8b',
    reference: 'hf:bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf',
    tier: 2,
    about: 'Llama 3.1 8B Instruct',
  },
  {
    name: 'phi3',
    reference: 'hf:microsoft/Phi-3-mini-4k-instruct-gguf:Phi-3-mini-4k-instruct-q4.gguf',
    tier: 1,
    about: 'Phi-3 mini 4k Instruct, 3.8B',
  },
  {
    name: 'mistral',
    reference: 'hf:TheBloke/Mistral-7B-Instruct-v0.2-GGUF:mistral-7b-instruct-v0.2.Q4_K_M.gguf',
    tier: 2,
    about: 'Mistral 7B Instruct v0.2',
  },
  {
    name: 'gemma-3-4b',
    reference: 'hf:ggml-org/gemma-3-4b-it-GGUF:gemma-3-4b-it-Q4_K_M.gguf',
    tier: 2,
    about: 'Gemma 3 4B, sees images',
  },
];

export function shortName(name: string): ShortName | null {
  return SHORT_NAMES.find((each) => each.name === name) ?? null;
}

/** For a model that nobody has given one: by its size. */
export function tierOf(parameters: number | null): number {
  if (parameters === null || parameters < 4e9) return 1;
  if (parameters < 15e9) return 2;
  return parameters < 40e9 ? 3 : 4;
}
