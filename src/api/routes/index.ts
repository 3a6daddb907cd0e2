/** Every route of the API, in the order of the document. */

import type { Route } from '../route.ts';
import { batchRoutes } from './batches.ts';
import { daemonRoutes } from './daemon.ts';
import { escalationRoutes } from './escalations.ts';
import { deviceRoutes } from './devices.ts';
import { factRoutes } from './facts.ts';
import { instanceRoutes } from './instances.ts';
import { modelRoutes } from './models.ts';
import { trainingRoutes } from './training.ts';
import { signalRoutes } from './signals.ts';

export const apiRoutes: readonly Route[] = [
  ...instanceRoutes,
  ...modelRoutes,
  ...batchRoutes,
  ...signalRoutes,
  ...escalationRoutes,
  ...trainingRoutes,
  ...factRoutes,
  ...daemonRoutes,
  ...deviceRoutes,
];
