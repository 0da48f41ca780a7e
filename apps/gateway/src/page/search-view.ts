import type { CustomerSummary } from '@annals/contracts';

import { countryName, nameOf } from './format.js';
import { html, type Html } from './html.js';

/** A page of customers, and what was asked for. */
export interface Found {
  readonly query: string;
  readonly items: readonly CustomerSummary[];
  readonly next: string | null;
  readonly previous: string | null;
}

function searchForm(query: string): Html {
  return html`<form class="search" method="post" action="/search">
<input name="query" value="${query}" maxlength="300" required autofocus placeholder="Name, or reference such as retail:17850" aria-label="Name or reference">
<button>Search</button>
</form>`;
}

/** What is shown first. */
export function startView(): Html {
  return html`<h1>Who are you looking for?</h1>
<p class="soft">The beginning of any word of a name, in any script, or a reference as <code>system:id</code>.</p>
${searchForm('')}
<div class="grid">
<section class="panel"><h2>Cards and timelines</h2><p>Everything said and bought, by every channel, in the order in which it happened.</p></section>
<section class="panel"><h2>Segments</h2><p>Groups of customers who buy and speak alike, <a href="/view/segments">as trained last</a>.</p></section>
<section class="panel"><h2>For programs</h2><p>All of this is an API: see <a href="/docs">its description</a>, and <code>npx annals --help</code>.</p></section>
</div>`;
}

/** The cursor is sent in a form, because the query beside it is personal and may not stand in an address. */
function pageButton(query: string, cursor: string | null, label: string): Html {
  if (cursor === null) return html`<span></span>`;
  return html`<form method="post" action="/search"><input type="hidden" name="query" value="${query}"><input type="hidden" name="cursor" value="${cursor}"><button>${label}</button></form>`;
}

/** What a search found. */
export function foundView({ query, items, next, previous }: Found): Html {
  const rows = items.map(
    (customer) => html`<tr>
<td><a href="/view/customers/${customer.id}">${nameOf(customer)}</a></td>
<td>${customer.kind}</td>
<td>${customer.country !== null && countryName(customer.country)}</td>
<td>${customer.references.map(({ system, id }) => html`<span class="soft small">${system}:${id}</span> `)}</td>
<td class="soft small">${customer.department}</td>
</tr>`,
  );
  const table = html`<section class="panel"><table>
<tr><th>Name</th><th>Kind</th><th>Country</th><th>References</th><th>Department</th></tr>
${rows}
</table></section>
<nav class="pages">${pageButton(query, previous, 'Back')}${pageButton(query, next, 'More')}</nav>`;
  return html`<h1>Search</h1>${searchForm(query)}${items.length > 0 ? table : html`<p>Nobody was found.</p>`}`;
}
