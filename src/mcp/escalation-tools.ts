/** What the brain could not solve, and the planner's answers. */

import { z } from 'zod';

import { defineTool } from './tool.ts';

export const ESCALATION_TOOLS = [
  defineTool({
    name: 'list_escalations',
    about: 'Questions of the brain: what it could not solve by itself, with choices. Open ones, or all.',
    isRead: true,
    takes: { status: z.enum(['open', 'all']).default('open') },
    run: ({ status }, client) => client.escalations({ status }),
  }),
  defineTool({
    name: 'answer_escalation',
    about: 'Answer a question of the brain with one of its choices.',
    isRead: false,
    takes: { id: z.number().int().positive(), answer: z.string().min(1).describe('One of its choices.') },
    run: ({ id, answer }, client) => client.answerEscalation(String(id), answer),
  }),
];
