/** The brain: releases, grants, retries and summarises the tasks of batches, and survives its own death. */

export { createBrain } from './brain.ts';

export type { Brain, BrainOverview } from './brain-api.ts';
export type { Loadable, ServedInstance } from './placement/situation.ts';
export type { AgentPort, HelloAnswer, InferencePort, ModelsPort } from './ports.ts';
export { createTrainingLog } from './training/training-log.ts';
export type { TrainingLog } from './training/training-log.ts';
export { createPlanReader } from './reading/reader-process.ts';
export { readPlan } from './reading/read-plan.ts';
export type { BrainRules } from './turn/turn.ts';
export type { BrainAnswer, BrainModel, BrainQuestion } from './asking/brain-model.ts';
export { createBrainModel } from './asking/brain-model.ts';
export { renderSummary } from './summary/summary-markdown.ts';
export { reportDistrust, withdrawDistrust } from './escalations/distrusted-device.ts';
export type { EscalationHooks } from './escalations/hooks.ts';
