import type { CustomerCard } from '@annals/contracts';

import { count, countryName, languageName, money, nameOf, personalText, words, type Clock } from './format.js';
import { html, type Html } from './html.js';

function amountsTable({ amounts, transactions }: CustomerCard): Html {
  if (amounts.length === 0) return html`<p class="soft">Nothing was bought yet.</p>`;
  const rows = amounts.map(
    ({ currency, orderedMinor, billedMinor, paidMinor }) => html`<tr><td>${currency}</td>
<td class="right">${money(orderedMinor, currency)}</td><td class="right">${money(billedMinor, currency)}</td><td class="right">${money(paidMinor, currency)}</td></tr>`,
  );
  const kinds = Object.entries(transactions).map(([kind, number]) => html`<li class="chip">${count(number)} × ${words(kind)}</li>`);
  return html`<table><tr><th></th><th class="right">Ordered</th><th class="right">Billed</th><th class="right">Paid</th></tr>${rows}</table>
<ul class="chips">${kinds}</ul>`;
}

function contactsTable({ contacts }: CustomerCard, clock: Clock): Html {
  if (contacts.length === 0) return html`<p class="soft">Nothing was said yet.</p>`;
  const rows = contacts.map(
    (contact) => html`<tr><td>${words(contact.medium)}</td><td class="right">${count(contact.count)}</td>
<td class="right">${contact.lastAt !== null && clock.date(contact.lastAt)}</td></tr>`,
  );
  return html`<table><tr><th>Medium</th><th class="right">Times</th><th class="right">Last</th></tr>${rows}</table>`;
}

function pointsTable({ contactPoints }: CustomerCard): Html {
  if (contactPoints.length === 0) return html`<p class="soft">None is known.</p>`;
  return html`<table>${contactPoints.map(({ kind, raw }) => html`<tr><td class="soft">${words(kind)}</td><td>${personalText(raw)}</td></tr>`)}</table>`;
}

function attributesTable({ attributes }: CustomerCard): Html | false {
  const rows = Object.entries(attributes).map(([name, { value }]) => {
    const shown = typeof value === 'number' || typeof value === 'boolean' ? String(value) : personalText(value);
    return html`<tr><td class="soft">${words(name)}</td><td>${shown}</td></tr>`;
  });
  return rows.length > 0 && html`<section class="panel"><h2>Attributes</h2><table>${rows}</table></section>`;
}

function assignmentsTable({ assignments }: CustomerCard): Html | false {
  const rows = assignments.map(
    ({ role, staffId, department }) => html`<tr><td class="soft">${words(role)}</td><td>${staffId ?? department}</td></tr>`,
  );
  return rows.length > 0 && html`<section class="panel"><h2>Who looks after them</h2><table>${rows}</table></section>`;
}

function followUpsTable({ followUps }: CustomerCard, clock: Clock): Html | false {
  const rows = followUps.map(({ dueAt, assignee, text }) => {
    const whose = 'staffId' in assignee ? assignee.staffId : assignee.department;
    return html`<tr><td class="soft date">${clock.date(dueAt)}</td><td>${personalText(text)}</td><td class="soft small right">${whose}</td></tr>`;
  });
  return rows.length > 0 && html`<section class="panel"><h2>To be done</h2><table>${rows}</table></section>`;
}

const SHOWN_TRANSACTIONS = 5;

function transactionsTable({ latestTransactions }: CustomerCard): Html | false {
  const numbers = new Map(latestTransactions.map(({ id, number }) => [id, number]));
  const rows = latestTransactions.slice(0, SHOWN_TRANSACTIONS).map(({ kind, number, issuedOn, currency, totalMinor, cancelled, related }) => {
    const others = related.map((other) => `${words(other.kind)} ${numbers.get(other.id) ?? other.id.slice(0, 8)}`);
    return html`<tr class="${cancelled ? 'gone' : ''}"><td class="soft date">${issuedOn}</td><td>${words(kind)} ${number} <span class="soft small">${others.join(', ')}</span></td>
<td class="right">${money(totalMinor, currency)}</td></tr>`;
  });
  return rows.length > 0 && html`<section class="panel"><h2>Latest transactions</h2><table>${rows}</table></section>`;
}

/** The name in other scripts, and what is to be known before anything is done. */
function beside({ names, active, objectsToProfiling }: CustomerCard): Html {
  const others = Object.values(names).map((name) => html`<span class="soft">${personalText('full' in name ? name.full : name)}</span> `);
  const marks = [!active && 'deactivated', objectsToProfiling && 'objects to profiling'].filter((mark) => mark !== false);
  return html`${others}${marks.map((mark) => html`<span class="chip">${mark}</span> `)}`;
}

function about(card: CustomerCard): Html {
  const facts = [
    card.kind,
    card.country !== null && countryName(card.country),
    card.language !== null && languageName(card.language),
    card.zone,
    card.department,
  ];
  return html`<p class="soft">${facts.filter((fact) => Boolean(fact)).join(' · ')}${card.birthday !== null && html` · born ${personalText(card.birthday)}`}</p>`;
}

/** The 360 degree card. */
export function cardView(card: CustomerCard, clock: Clock): Html {
  const references = card.references.map(({ system, id }) => html`<li class="chip">${system}:${id}</li>`);
  const segments = card.segments.map(
    ({ name, segment, since }) => html`<li class="chip"><a href="/view/segments/${segment}">${name.en} · ${name.zh}</a> <span class="soft">since ${clock.date(since)}</span></li>`,
  );
  const tags = card.tags.map((tag) => html`<li class="chip">#${tag}</li>`);
  return html`<h1>${nameOf(card)}</h1>
${beside(card)}
${about(card)}
<ul class="chips">${segments}${tags}${references}</ul>
<div class="grid">
<section class="panel"><h2>Money</h2>${amountsTable(card)}</section>
<section class="panel"><h2>Contact</h2>${contactsTable(card, clock)}</section>
<section class="panel"><h2>How to reach them</h2>${pointsTable(card)}</section>
${transactionsTable(card)}
${followUpsTable(card, clock)}
${assignmentsTable(card)}
${attributesTable(card)}
</div>`;
}
