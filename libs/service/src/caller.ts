import { EVERYWHERE, role, type Actor, type Role, type Scope } from '@annals/contracts';

/** Who sends a request, and what they may do. */
export interface Caller {
  readonly actor: Actor;
  readonly roles: readonly Role[];
  readonly scope: Scope;
}

/** Without tokens nobody has shown who they are, and the record says so: whoever reaches us may do everything. */
export const UNVERIFIED: Caller = {
  actor: { id: 'unverified', kind: 'unverified', assurance: 'none' },
  roles: role.options,
  scope: EVERYWHERE,
};
