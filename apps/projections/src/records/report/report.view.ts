import type { OperationsFigures } from '@annals/contracts';

import type { Found, Taken } from './report.queries.js';

/** Path and query of the list that holds what a figure counts. */
function listOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/communications?${new URLSearchParams(given).toString()}`;
}

const NONE = { count: 0, mean: null, percentiles: null, answered: 0, missed: 0, open: 0 } as const;
const ofKey = <Row extends { readonly key: string }>(rows: readonly Row[], key: string): Row | typeof NONE => rows.find((row) => row.key === key) ?? NONE;

function taken({ count, mean, percentiles }: Pick<Taken, 'count' | 'mean' | 'percentiles'>, items: string): OperationsFigures['calls']['timeToAnswer'] {
  const [p50, p90] = percentiles ?? [null, null];
  return { count, items, meanMs: mean === null ? null : Math.round(mean), p50Ms: p50, p90Ms: p90 };
}

/** The figures of one group, each with where the communications behind it are listed. */
export function figuresOf({ volumes, answers, responses }: Found, key: string, query: Readonly<Record<string, string | undefined>>): OperationsFigures {
  const volume = ofKey(volumes, key);
  const response = ofKey(responses, key);
  const list = (more: Readonly<Record<string, string>> = {}): string => listOf({ ...query, mistaken: 'false', ...more });
  return {
    count: volume.count,
    items: list(),
    calls: {
      answered: { count: volume.answered, items: list({ call: 'answered' }) },
      missed: { count: volume.missed, items: list({ call: 'missed' }) },
      timeToAnswer: taken(ofKey(answers, key), list({ answerFrom: '0' })),
    },
    firstResponse: {
      answered: taken(response, list({ response: 'answered' })),
      open: { count: response.open, items: list({ response: 'open' }) },
    },
  };
}
