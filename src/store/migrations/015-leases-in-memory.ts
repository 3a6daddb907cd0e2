/** The lease of an agent is the controller's clock's to keep: the column that repeated it was never read. */

import type { Migration } from './migration.ts';

export const leasesInMemory: Migration = {
  version: 15,
  name: 'leases in memory',
  statements: () => [`alter table agent drop column lease_until`],
};
