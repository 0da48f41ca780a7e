import { daysIn, operationsReport, type OperationsReport } from '@annals/contracts';
import { Views } from '@annals/read-models';
import { Answers, FromCall, READERS, Roles, type Call } from '@annals/service';
import { Controller, Get, Query } from '@nestjs/common';

import { reportQuery, type ReportQuery } from './report.contract.js';
import { findFigures, MOST_GROUPS, type Found } from './report.queries.js';
import { figuresOf } from './report.view.js';

/** Where the deployment is: days begin as they do there. */
export class Zone {
  constructor(readonly name: string) {}

  /** When each day of a period begins, and the last one ends. */
  boundsOf(from: string, to: string): string[] {
    const startOf = daysIn(this.name);
    const bounds = [startOf(from) ?? ''];
    const end = startOf(to, 1) ?? '';
    for (let plus = 1; (bounds.at(-1) ?? end) < end; plus += 1) bounds.push(startOf(from, plus) ?? end);
    return bounds;
  }
}

const DAY_MS = 86_400_000;
const dayAfter = (from: string, plus: number): string => new Date(Date.parse(from) + plus * DAY_MS).toISOString().slice(0, 10);

/** What communications come to. */
@Controller('reports')
export class ReportController {
  constructor(
    private readonly views: Views,
    private readonly zone: Zone,
  ) {}

  @Get('operations')
  @Roles(...READERS)
  @Answers(operationsReport, 'How many communications there were, how fast calls and messages were answered, and which calls were missed: with where those behind each figure are listed.')
  async operations(@Query({ schema: reportQuery }) query: ReportQuery, @FromCall() { scope }: Call): Promise<OperationsReport> {
    const { from, to, department, medium, purpose, direction, by } = query;
    const bounds = this.zone.boundsOf(from, to);
    const days = bounds.map((instant) => Date.parse(instant));
    const filter = { department, medium, purpose, direction, mistaken: false, from: days[0] ?? 0, to: days.at(-1) ?? 0 };
    const [total, groups] = await this.views.read('records', query.waitFor, async (reader) => [
      await findFigures(reader, scope, { filter, by: undefined, days }),
      by === undefined ? undefined : await findFigures(reader, scope, { filter, by, days }),
    ] as const);
    const links = { department, medium, purpose, direction, from: bounds[0], to: bounds.at(-1) };
    const shown = groups === undefined || by === undefined ? [] : groupsOf(groups, { by, from, bounds, links });
    return { from, to, zone: this.zone.name, total: figuresOf(total, '', links), groups: shown, more: (groups?.volumes.length ?? 0) > MOST_GROUPS };
  }
}

interface Grouped {
  readonly by: NonNullable<ReportQuery['by']>;
  readonly from: string;
  readonly bounds: readonly string[];
  readonly links: Readonly<Record<string, string | undefined>>;
}

function groupsOf(found: Found, { by, from, bounds, links }: Grouped): OperationsReport['groups'] {
  const keys = found.volumes.slice(0, MOST_GROUPS).map(({ key }) => key);
  if (by !== 'day') return keys.map((key) => ({ key, figures: figuresOf(found, key, { ...links, [by]: key }) }));
  // A day is known by its number in the period, from 1.
  const days = keys.map(Number).sort((a, b) => a - b);
  return days.map((day) => ({ key: dayAfter(from, day - 1), figures: figuresOf(found, String(day), { ...links, from: bounds[day - 1], to: bounds[day] }) }));
}
