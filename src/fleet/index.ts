/** Hosts, and what lies on them: the controller's end of the agent link, the instances, the catalogue of models. */

export { planAutostart } from './autostart-plan.ts';
export type { AutostartFacts, AutostartPlan } from './autostart-plan.ts';
export { createDeclarations } from './declarations.ts';
export type { Declarations } from './declarations.ts';
export type { DesiredInstance } from './desired.ts';
export { createEphemeralInstances } from './ephemeral-instances.ts';
export type { EphemeralInstances } from './ephemeral-instances.ts';
export { keepFactsFresh } from './fact-retention.ts';
export { createHosts } from './hosts.ts';
export type { Hosts, WorkOwner } from './hosts.ts';
export { createInstanceDirectory } from './instance-directory.ts';
export type { InstanceDirectory } from './instance-directory.ts';
export { createInstanceHistory } from './instance-history.ts';
export type { InstanceHistory } from './instance-history.ts';
export type { InstanceEvent } from './instance-mirror.ts';
export { createInstanceViews } from './instance-views.ts';
export { createInstanceWake, untilReady } from './instance-wake.ts';
export { isLeftover } from './leftovers.ts';
export { keepLocalAgent } from './local-agent.ts';
export { createModelNames } from './model-names.ts';
export type { ModelNames } from './model-names.ts';
export { createModelRegistry, DEMO_MODEL_ID } from './model-registry.ts';
export type { ModelRegistry } from './model-registry.ts';
export { createSpecResolver } from './spec-resolver.ts';
export type { SpecResolver } from './spec-resolver.ts';
export { createUseNotes } from './use-notes.ts';
export type { UseNotes } from './use-notes.ts';
