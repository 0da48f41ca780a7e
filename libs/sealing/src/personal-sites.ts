import type { KeyHolder, PersonalPlan } from '@annals/contracts';

/** An object or array, as something whose members can be read and replaced. */
export type Container = Record<string, unknown>;

/** One personal field found in a value. */
export interface PersonalSite {
  /** The object or array that the field is a member of. */
  readonly container: Container;
  readonly step: string;
  /** JSON pointer (RFC 6901) from the top of the value. */
  readonly pointer: string;
  readonly holder: KeyHolder;
}

/**
 * Finds the personal fields of a value that have one. Null stays as it is: that a field was taken away is not
 * personal. Parts that are not of the shape that the plan was made from are passed over.
 */
export function personalSites(plan: PersonalPlan, data: Container): PersonalSite[] {
  const sites: PersonalSite[] = [];
  walk(plan, data, '', sites);
  return sites;
}

function walk(plan: PersonalPlan, container: Container, pointer: string, sites: PersonalSite[]): void {
  switch (plan.kind) {
    case 'choice': {
      const chosen = plan.options.get(container[plan.by]);
      if (chosen) walk(chosen, container, pointer, sites);
      return;
    }
    case 'object':
      for (const [step, member] of plan.members) visit(member, { container, step, pointer }, sites);
      return;
    case 'each':
      for (const step of Object.keys(container)) visit(plan.member, { container, step, pointer }, sites);
      return;
    case 'field':
      // A field is found by whoever walks its container.
      throw new TypeError('an event cannot be personal as a whole');
  }
}

function visit(member: PersonalPlan, { container, step, pointer }: Pick<PersonalSite, 'container' | 'step' | 'pointer'>, sites: PersonalSite[]): void {
  const value = container[step];
  if (value === undefined || value === null) return;
  const here = `${pointer}/${escaped(step)}`;
  if (member.kind === 'field') sites.push({ container, step, pointer: here, holder: member.holder });
  else if (typeof value === 'object') walk(member, value as Container, here, sites);
}

/** RFC 6901, section 3. */
function escaped(step: string): string {
  return /[~/]/.test(step) ? step.replaceAll('~', '~0').replaceAll('/', '~1') : step;
}
