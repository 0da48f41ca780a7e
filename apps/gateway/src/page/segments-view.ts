import type { SegmentMember, SegmentsView } from '@annals/contracts';

import { count, words, type Clock } from './format.js';
import { html, type Html } from './html.js';

/** Four digits tell enough; what unscaling leaves of a zero is a zero. */
const figure = (value: number): string => (Math.abs(value) < 1e-6 ? '0' : value.toLocaleString('en-GB', { maximumSignificantDigits: 4 }));

/** The segments as trained last. */
export function segmentsView(view: SegmentsView, clock: Clock): Html {
  const rows = view.segments.map(
    ({ id, name, members, centroid }) => html`<tr><td><a href="/view/segments/${id}">${name.en}</a><br><span class="soft">${name.zh}</span></td>
<td class="right">${members === null ? '' : count(members)}</td>
${view.features.map((feature) => html`<td class="right">${figure(centroid[feature] ?? 0)}</td>`)}</tr>`,
  );
  return html`<h1>Segments</h1>
<p class="soft">Model ${view.model}, trained ${clock.time(view.trainedAt)} on ${count(view.trainedOn)} customers. The figures are each segment's centre.</p>
<section class="panel"><table>
<tr><th>Segment</th><th class="right">Members</th>${view.features.map((feature) => html`<th class="right">${words(feature)}</th>`)}</tr>
${rows}
</table></section>`;
}

/** What is shown before the first training. */
export function noSegmentsView(): Html {
  return html`<h1>Segments</h1>
<p>No segmentation has been trained yet. With customers recorded, <code>npx annals segments train</code> does it.</p>`;
}

/** One page of a segment's members. */
export function membersView(
  id: string,
  page: { readonly items: readonly SegmentMember[]; readonly next: string | null; readonly previous: string | null },
  clock: Clock,
): Html {
  const rows = page.items.map(
    ({ customer, since, model }) => html`<tr><td><a href="/view/customers/${customer}">${customer}</a></td><td>${clock.date(since)}</td><td class="right">${model}</td></tr>`,
  );
  const link = (cursor: string | null, label: string): Html =>
    cursor === null ? html`<span></span>` : html`<a href="/view/segments/${id}?${new URLSearchParams({ cursor }).toString()}">${label}</a>`;
  return html`<h1>Members of a segment</h1>
<p><a href="/view/segments">All segments</a></p>
<section class="panel"><table><tr><th>Customer</th><th>Since</th><th class="right">Model</th></tr>${rows}</table></section>
<nav class="pages">${link(page.previous, '← Back')}${link(page.next, 'More →')}</nav>`;
}
