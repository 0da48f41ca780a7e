import { within, type Scope } from '@annals/contracts';

/** The paths under which a department's rows are also summed up: `''` for all, then each step down to itself. */
export function pathsOf(department: string): string[] {
  const steps = department.split('/');
  return ['', ...steps.map((_, index) => steps.slice(0, index + 1).join('/'))];
}

/** The paths that a scope holds whole, none below another: `''` where it is all of them. */
export function rootsOf({ departments }: Scope): string[] {
  if (departments === 'all') return [''];
  const distinct = [...new Set(departments)].sort();
  return distinct.filter((path) => !distinct.some((other) => other !== path && within({ departments: [other] }, path)));
}

/** The scope as patterns for `department like any($n)`; paths hold no character that means something to `like`. */
export function patternsOf(scope: Scope): string[] {
  return rootsOf(scope).flatMap((path) => (path === '' ? ['%'] : [path, `${path}/%`]));
}

/** The part of a scope that lies at or below a department; all of it where none is named. */
export function narrowed(scope: Scope, department: string | undefined): Scope {
  if (department === undefined) return scope;
  if (within(scope, department)) return { departments: [department] };
  return { departments: rootsOf(scope).filter((root) => within({ departments: [department] }, root)) };
}
