import type { TimelineEntry } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';

import { Clock } from './format.js';
import { foundWordsView, timelineView } from './timeline-view.js';

const id = '0192d3a0-0000-7000-8000-00000000000a';
const latest: Extract<TimelineEntry, { kind: 'communication' }> = {
  kind: 'communication', id, at: '2026-01-02T10:00:00.000Z', department: 'emea', stream: `communication-${id}`, revision: 0, medium: 'message', platform: 'whatsapp',
  direction: 'inbound', purpose: 'support', disposition: null, title: null, text: 'on my <way>', participants: 2, endedAt: null, conversation: null, delivery: null, amended: null,
  retracted: null, annotations: 0,
};
const conversation: TimelineEntry = {
  kind: 'conversation', id, at: latest.at, platform: 'whatsapp', key: 'k', messages: 1_040, firstAt: '2026-01-01T10:00:00.000Z', media: ['message'], directions: ['inbound', 'outbound'], latest,
};
const shown = (entry: TimelineEntry, filters = {}): string => timelineView({ items: [entry], next: null, previous: null }, filters, new Clock('UTC')).markup;

describe('a timeline as a page', () => {
  it('shows a conversation as one line with the latest message, which opens with the same filters', () => {
    const page = shown(conversation, { medium: 'message' });
    expect(page).toContain(`<a href="?medium=message&amp;conversation=${id}">open 1,040 messages</a>`);
    expect(page).toContain('on my &lt;way&gt;');
    expect(page.match(/<li>/g)).toHaveLength(1);
  });

  it('says that it shows one conversation, and leads back to all of the timeline', () => {
    expect(shown(latest, { conversation: id })).toContain('<a href="?">All of the timeline</a>');
    expect(shown(latest)).not.toContain('All of the timeline');
  });

  it('sends the words that are looked for in a form, and in no address', () => {
    const page = foundWordsView({ items: [latest], next: 'more', previous: null }, '"way"', new Clock('UTC')).markup;
    expect(page.match(/<form[^>]*>/g)).toEqual(['<form class="filters" method="post">', '<form method="post">']);
    expect(page).toContain('name="text" value="&quot;way&quot;"><input type="hidden" name="cursor" value="more">');
    expect(page.match(/href="[^"]*"/g)).toEqual(['href="?"']);
  });
});
