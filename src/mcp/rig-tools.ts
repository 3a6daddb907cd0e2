/** The machine: devices, instances, models, and a question to one of them. */

import { z } from 'zod';

import type { Client } from '../client/index.ts';
import { defineTool } from './tool.ts';

export const RIG_TOOLS = [
  defineTool({
    name: 'rig_status',
    about: 'Devices with memory, temperature and condition; instances; what runs and waits.',
    isRead: true,
    takes: {},
    run: async (_input, client) => {
      const [status, devices, instances] = await Promise.all([client.status(), client.devices(), client.instances()]);
      return { status, devices, instances };
    },
  }),
  defineTool({
    name: 'list_models',
    about: 'Models of the catalogue, which plans and requests may name.',
    isRead: true,
    takes: {},
    run: (_input, client) => client.models(),
  }),
  defineTool({
    name: 'infer',
    about: 'Ask a model of the rig. The answer is its text.',
    isRead: true,
    takes: {
      model: z.string().min(1),
      prompt: z.string().min(1),
      max_tokens: z.number().int().positive().default(512),
    },
    run: (input, client) => answerOf(input, client),
  }),
];

interface Question {
  readonly model: string;
  readonly prompt: string;
  readonly max_tokens: number;
}

async function answerOf({ model, prompt, max_tokens: maxTokens }: Question, client: Client): Promise<string> {
  let text = '';
  for await (const event of client.chat({ model, messages: [{ role: 'user', content: prompt }], maxTokens })) {
    if (event.kind === 'text') text += event.text;
  }
  return text;
}
