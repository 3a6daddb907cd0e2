/** Every route of the API, in the order of the document. */

import type { Route } from '../route.ts';
import { artifactRoutes } from './artifacts.ts';
import { batchFileRoutes } from './batch-files.ts';
import { batchRoutes } from './batches.ts';
import { benchRoutes } from './benches.ts';
import { daemonRoutes } from './daemon.ts';
import { escalationRoutes } from './escalations.ts';
import { deviceRoutes } from './devices.ts';
import { factRoutes } from './facts.ts';
import { inferenceSessionRoutes } from './inference-sessions.ts';
import { inferenceTaskRoutes } from './inference-tasks.ts';
import { instanceRoutes } from './instances.ts';
import { keyRoutes } from './keys.ts';
import { metricRoutes } from './metrics.ts';
import { modelCopyRoutes } from './model-copies.ts';
import { modelDownloadRoutes } from './model-downloads.ts';
import { metaRoutes } from './meta.ts';
import { modelRoutes } from './models.ts';
import { ollamaRoutes } from './ollama.ts';
import { planRoutes } from './plans.ts';
import { poolRoutes } from './pools.ts';
import { requestRoutes } from './requests.ts';
import { trainingRoutes } from './training.ts';
import { signalRoutes } from './signals.ts';
import { workerRoutes } from './workers.ts';

export const apiRoutes: readonly Route[] = [
  ...instanceRoutes,
  ...workerRoutes,
  ...modelDownloadRoutes,
  ...modelRoutes,
  ...modelCopyRoutes,
  ...poolRoutes,
  ...ollamaRoutes,
  ...planRoutes,
  ...batchRoutes,
  ...batchFileRoutes,
  ...signalRoutes,
  ...escalationRoutes,
  ...trainingRoutes,
  ...factRoutes,
  ...requestRoutes,
  ...inferenceTaskRoutes,
  ...inferenceSessionRoutes,
  ...artifactRoutes,
  ...keyRoutes,
  ...daemonRoutes,
  ...metaRoutes,
  ...deviceRoutes,
  ...benchRoutes,
  ...metricRoutes,
];
