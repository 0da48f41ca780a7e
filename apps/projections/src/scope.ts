/**
 * The departments that a query may see: those at or below any of these paths. `''` is above them all. Every
 * query takes one, so that none can forget to ask.
 */
export type Scope = readonly string[];

/** All departments. */
export const EVERYTHING: Scope = [''];

/** The scope as patterns for `department like any($n)`; paths hold no character that means something to `like`. */
export function patternsOf(scope: Scope): string[] {
  return scope.flatMap((path) => (path === '' ? ['%'] : [path, `${path}/%`]));
}

/** Whether a department lies within the scope. */
export function isWithin(scope: Scope, department: string): boolean {
  return scope.some((path) => path === '' || department === path || department.startsWith(`${path}/`));
}
