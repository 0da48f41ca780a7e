import { postgresForTests } from '@annals/testing';
import { eventStoreContract } from '../contract-suite/event-store-contract.js';
import { migratePostgresLog } from './migrate.js';
import { openPostgresStore } from './store.js';

const postgres = postgresForTests();

eventStoreContract('PostgreSQL', {
  isOurs: true,
  open: async () => {
    const { ownerUrl, appUrl, appRole } = await postgres.freshDatabase();
    await migratePostgresLog({ ownerUrl, appRole });
    return openPostgresStore({ connectionString: appUrl });
  },
});
