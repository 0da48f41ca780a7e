import type { PossibleDuplicate } from '@annals/contracts';

import { count, nameOf, words } from './format.js';
import { html, type Html } from './html.js';

/** A page of customers who may be one. */
export interface DuplicatesPage {
  readonly items: readonly PossibleDuplicate[];
  readonly next: string | null;
  readonly previous: string | null;
}

const reasonOf = (reason: PossibleDuplicate['reasons'][number]): string =>
  reason.of === 'reference' ? `the same reference of ${reason.system}, written in several ways` : `the same ${words(reason.kind)}`;

function rowOf({ customers, count: { value, more }, reasons, since }: PossibleDuplicate): Html {
  const names = customers.map((customer) => html`<a href="/view/customers/${customer.id}">${nameOf(customer)}</a> <span class="soft small">${customer.department}</span><br>`);
  const others = value > customers.length && html`<span class="soft small">and ${more && 'more than '}${count(value - customers.length)} others</span>`;
  return html`<tr><td>${names}${others}</td><td>${reasons.map(reasonOf).join('; ')}</td><td>${since?.slice(0, 10) ?? ''}</td></tr>`;
}

const link = (cursor: string | null, label: string): Html =>
  cursor === null ? html`<span></span>` : html`<a href="/view/duplicates?${new URLSearchParams({ cursor }).toString()}">${label}</a>`;

/** Customers who may be one, and why. */
export function duplicatesView({ items, next, previous }: DuplicatesPage): Html {
  const table = html`<section class="panel"><table><tr><th>Customers</th><th>What they have alike</th><th>Since</th></tr>${items.map(rowOf)}</table></section>
<nav class="pages">${link(previous, '← Back')}${link(next, 'More →')}</nav>`;
  return html`<h1>Possible duplicates</h1>
<p class="soft">Nothing is merged by itself. That two are not one is said with <code>POST /customers/:id/duplicates/dismissals</code>, and taken back with <code>/removals</code> after it.</p>
${items.length > 0 ? table : html`<p>There are none.</p>`}`;
}
