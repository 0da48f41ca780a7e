import { EVERYWHERE, role } from '@annals/contracts';
import type { Caller } from '@annals/tokens';

/** Without tokens nobody has shown who they are, and the record says so: whoever reaches us may do everything. */
export const UNVERIFIED: Caller = {
  actor: { id: 'unverified', kind: 'unverified', assurance: 'none' },
  roles: role.options,
  scope: EVERYWHERE,
};
