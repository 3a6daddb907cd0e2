/** Hosts, and what lies on them: the controller's end of the agent link, the instances, the catalogue of models. */

export { planAutostart } from './autostart-plan.ts';
export type { AutostartFacts, AutostartPlan } from './autostart-plan.ts';
export type { DesiredInstance } from './desired.ts';
export { watchEndedProcesses } from './ended-processes.ts';
export { createHosts } from './hosts.ts';
export type { Hosts, InstanceEvent, WorkOwner } from './hosts.ts';
export { createInstanceDirectory } from './instance-directory.ts';
export type { InstanceDirectory } from './instance-directory.ts';
export { keepLocalAgent } from './local-agent.ts';
export { createModelNames } from './model-names.ts';
export type { ModelNames } from './model-names.ts';
export { createModelRegistry, DEMO_MODEL_ID } from './model-registry.ts';
export type { ModelRegistry } from './model-registry.ts';
export { createSpecResolver } from './spec-resolver.ts';
export type { SpecResolver } from './spec-resolver.ts';
