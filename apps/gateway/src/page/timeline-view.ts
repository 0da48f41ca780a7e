import { direction, medium, type TimelineEntry } from '@annals/contracts';

import { count, money, personalText, words, type Clock } from './format.js';
import { html, type Html } from './html.js';

/** What a timeline can be narrowed to, as its form sends it. */
export const FILTERS = ['kind', 'medium', 'direction', 'purpose', 'platform', 'from', 'to', 'conversation'] as const;

/** Filters that are set. */
export type Filters = Readonly<Partial<Record<(typeof FILTERS)[number], string>>>;

/** One page of a timeline. */
export interface TimelinePage {
  readonly items: readonly TimelineEntry[];
  readonly next: string | null;
  readonly previous: string | null;
}

type Entry<Kind extends TimelineEntry['kind']> = Extract<TimelineEntry, { kind: Kind }>;

const COLOURED = new Set(['voice', 'message', 'email', 'meeting']);

function said(entry: Entry<'communication'>): Html {
  const marks = [entry.delivery && entry.delivery.status, entry.amended && 'amended', entry.retracted && 'retracted'];
  const facts = [entry.platform, entry.direction, entry.purpose, entry.disposition, ...marks].filter((fact) => fact !== null).map(words);
  return html`<span class="kind ${COLOURED.has(entry.medium) ? entry.medium : 'other'}">${words(entry.medium)}</span>
<span class="soft small">${facts.join(' · ')}</span>
${entry.title !== null && html`<p><strong>${personalText(entry.title)}</strong></p>`}
${entry.text !== null && html`<p>${personalText(entry.text)}</p>`}`;
}

/** One line for all that was said, which opens: the messages are asked for with the same filters. */
function talked(entry: Entry<'conversation'>, { filters, clock }: Shown): Html {
  const { platform, directions, messages, firstAt, latest } = entry;
  const open = new URLSearchParams({ ...filters, conversation: entry.id }).toString();
  return html`<span class="kind ${COLOURED.has(latest.medium) ? latest.medium : 'other'}">conversation</span>
<span class="soft small">${[platform, ...directions].map(words).join(' · ')} · since ${clock.time(firstAt)} · <a href="?${open}">open ${count(messages)} messages</a></span>
${latest.title !== null && html`<p><strong>${personalText(latest.title)}</strong></p>`}
${latest.text !== null && html`<p>${personalText(latest.text)}</p>`}`;
}

function bought(entry: Entry<'transaction'>): Html {
  return html`<span class="kind transaction">${words(entry.transactionKind)}</span> ${entry.number}
<span class="soft small">${entry.lines} ${entry.lines === 1 ? 'line' : 'lines'}${entry.cancelled && ' · cancelled'}</span>
<p class="${entry.cancelled ? 'gone' : ''}"><strong>${money(entry.totalMinor, entry.currency)}</strong></p>`;
}

function moved(entry: Entry<'segment'>): Html {
  return html`<span class="kind other">segment</span> ${entry.fromName ?? 'none'} → ${entry.toName ?? 'none'}`;
}

function changed(entry: Entry<'customer'>): Html {
  const sentence = entry.event.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return html`<span class="kind other">${sentence}</span> <span class="soft small">${entry.changed.join(', ')}</span>`;
}

function due(entry: Entry<'follow-up'>, clock: Clock): Html {
  return html`<span class="kind other">follow-up</span> <span class="soft small">${entry.status} · due ${clock.time(entry.dueAt)}</span>
<p>${personalText(entry.text)}</p>`;
}

/** How entries are shown. */
interface Shown {
  readonly filters: Filters;
  readonly clock: Clock;
}

function content(entry: TimelineEntry, shown: Shown): Html {
  switch (entry.kind) {
    case 'conversation':
      return talked(entry, shown);
    case 'communication':
      return said(entry);
    case 'transaction':
      return bought(entry);
    case 'segment':
      return moved(entry);
    case 'customer':
      return changed(entry);
    case 'follow-up':
      return due(entry, shown.clock);
  }
}

function select(name: string, options: readonly string[], chosen: string | undefined): Html {
  const choices = options.map((option) => html`<option value="${option}"${option === chosen && html` selected`}>${words(option)}</option>`);
  return html`<label>${words(name)}<select name="${name}"><option value="">any</option>${choices}</select></label>`;
}

function filterForm(filters: Filters): Html {
  return html`<form class="filters" method="get">
${select('kind', ['communication', 'transaction', 'customer', 'follow-up', 'segment'], filters.kind)}
${select('medium', medium.options, filters.medium)}
${select('direction', direction.options, filters.direction)}
${select('purpose', ['sales', 'service', 'support', 'marketing', 'transactional', 'other'], filters.purpose)}
<label>platform<input name="platform" size="8" maxlength="64" value="${filters.platform ?? ''}"></label>
<label>from<input type="date" name="from" value="${filters.from ?? ''}"></label>
<label>to<input type="date" name="to" value="${filters.to ?? ''}"></label>
${filters.conversation !== undefined && html`<input type="hidden" name="conversation" value="${filters.conversation}">`}
<button>Show</button>
</form>`;
}

function pageLink(filters: Filters, cursor: string | null, label: string): Html {
  if (cursor === null) return html`<span></span>`;
  const query = new URLSearchParams({ ...filters, cursor });
  return html`<a href="?${query.toString()}">${label}</a>`;
}

/** Words are sent in a form, because they are personal and may not stand in an address. */
function wordsForm(text: string): Html {
  return html`<form class="filters" method="post">
<label>words<input name="text" size="24" maxlength="200" required value="${text}"></label>
<button>Find</button>
</form>`;
}

function pageButton(text: string, cursor: string | null, label: string): Html {
  if (cursor === null) return html`<span></span>`;
  return html`<form method="post"><input type="hidden" name="text" value="${text}"><input type="hidden" name="cursor" value="${cursor}"><button>${label}</button></form>`;
}

function entriesOf(items: readonly TimelineEntry[], shown: Shown): Html {
  const entries = items.map((entry) => html`<li><span class="soft small">${shown.clock.time(entry.at)}</span><div class="entry">${content(entry, shown)}</div></li>`);
  return entries.length > 0 ? html`<ol class="timeline">${entries}</ol>` : html`<p class="soft">Nothing here.</p>`;
}

/** What was said with these words, newest first. */
export function foundWordsView({ items, next, previous }: TimelinePage, text: string, clock: Clock): Html {
  return html`<h2>Timeline</h2>
<section class="panel">${wordsForm(text)}
<p class="soft small">What was said with these words. <a href="?">All of the timeline</a></p>
${entriesOf(items, { filters: {}, clock })}
</section>
<nav class="pages">${pageButton(text, previous, '← Newer')}${pageButton(text, next, 'Older →')}</nav>`;
}

/** The timeline, newest first, with its filters and ways to the pages beside it. */
export function timelineView({ items, next, previous }: TimelinePage, filters: Filters, clock: Clock): Html {
  return html`<h2>Timeline</h2>
<section class="panel">${filterForm(filters)}${wordsForm('')}
${filters.conversation !== undefined && html`<p class="soft small">One conversation, each message by itself. <a href="?">All of the timeline</a></p>`}
${entriesOf(items, { filters, clock })}
</section>
<nav class="pages">${pageLink(filters, previous, '← Newer')}${pageLink(filters, next, 'Older →')}</nav>`;
}
