interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const MOST_SHOWN = 5;

/** Where and how data misses its schema, in a line. Values are not told: they may be personal. */
export function faultsOf({ issues }: { readonly issues: readonly Issue[] }): string {
  const shown = issues.slice(0, MOST_SHOWN).map(({ path, message }) => `${['', ...path].join('/') || '/'}: ${message}`);
  if (issues.length > MOST_SHOWN) shown.push(`and ${issues.length - MOST_SHOWN} more`);
  return shown.join('; ');
}
