/** The departments that a caller may see and act for: each with all that lies below it. */
export interface Scope {
  readonly departments: readonly string[] | 'all';
}

/** Every department. */
export const EVERYWHERE: Scope = { departments: 'all' };

/** Whether a department lies within a scope: by whole steps of its path, so that `emea` holds `emea/uk` and not `emeax`. */
export function within({ departments }: Scope, department: string): boolean {
  return departments === 'all' || departments.some((each) => department === each || department.startsWith(`${each}/`));
}
