/** Hosts, and what lies on them: the controller's end of the agent link, the instances, the catalogue of models. */

export { createDeviceKeeper } from './devices/device-keeper.ts';
export type { DeviceKeeper } from './devices/device-keeper.ts';
export { createDevicePolicies, quarantine } from './devices/device-policies.ts';
export type { DevicePolicies } from './devices/device-policies.ts';

export { createHosts } from './hosts/hosts.ts';
export type { Hosts } from './hosts/hosts.ts';
export { keepLocalAgent } from './hosts/local-agent.ts';
export type { AgentProgram } from './hosts/local-agent.ts';
export type { WorkOwner } from './hosts/work-owner.ts';

export { planAutostart } from './instances/autostart-plan.ts';
export { createBrainInstance } from './instances/brain-instance.ts';
export type { BrainInstance } from './instances/brain-instance.ts';
export { createDeclarations } from './instances/declarations.ts';
export type { Declarations } from './instances/declarations.ts';
export type { DesiredInstance } from './instances/desired.ts';
export { createEphemeralInstances } from './instances/ephemeral-instances.ts';
export type { EphemeralInstances } from './instances/ephemeral-instances.ts';
export { createInstanceDirectory } from './instances/instance-directory.ts';
export type { InstanceDirectory } from './instances/instance-directory.ts';
export { createInstanceHistory } from './instances/instance-history.ts';
export type { InstanceHistory } from './instances/instance-history.ts';
export type { InstanceEvent } from './instances/instance-mirror.ts';
export { putToSleep } from './instances/instance-sleep.ts';
export { createInstanceViews } from './instances/instance-views.ts';
export type { InstanceViews } from './instances/instance-views.ts';
export { createInstanceWake, untilReady } from './instances/instance-wake.ts';
export { isLeftover } from './instances/leftovers.ts';
export { createUseNotes } from './instances/use-notes.ts';
export type { UseNotes } from './instances/use-notes.ts';

export { createArrivals } from './models/arrivals.ts';
export { createAutoPull } from './models/auto-pull.ts';
export type { AutoPull } from './models/auto-pull.ts';
export { createModelCopies } from './models/model-copies.ts';
export type { ModelCopies } from './models/model-copies.ts';
export { modelDetail } from './models/model-detail.ts';
export { modelDigest } from './models/model-digest.ts';
export { createModelDownloads } from './models/model-downloads.ts';
export type { ModelDownloads } from './models/model-downloads.ts';
export { createModelFiles } from './models/model-files.ts';
export type { ModelFiles } from './models/model-files.ts';
export { createModelNames } from './models/model-names.ts';
export type { ModelNames } from './models/model-names.ts';
export { createModelNeeds } from './models/model-needs.ts';
export type { ModelNeeds } from './models/model-needs.ts';
export { createModelPlacer } from './models/model-placer.ts';
export { createModelRegistry } from './models/model-registry.ts';
export type { ModelRegistry } from './models/model-registry.ts';

export { createModelPools } from './pools/model-pools.ts';
export type { ModelPools } from './pools/model-pools.ts';

export { residentsOf } from './room/residents.ts';
export { createRoomMaker } from './room/room-maker.ts';
export type { RoomMaker, Swap } from './room/room-maker.ts';

export { specOfModel } from './specs/model-spec.ts';
export { createSpecResolver } from './specs/spec-resolver.ts';
export type { SpecResolver } from './specs/spec-resolver.ts';

export { createArtifacts, LARGEST_ARTIFACT_BYTES } from './artifacts.ts';
export type { Artifacts } from './artifacts.ts';
export { keepDecisionLog } from './decision-log.ts';
export { keepFactsFresh } from './fact-retention.ts';
export { createPlanShelf } from './plan-shelf.ts';
export type { PlanShelf } from './plan-shelf.ts';
