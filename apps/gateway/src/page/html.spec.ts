import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { html } from './html.js';

/** What a browser reads of a text without markup. */
function read(markup: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return markup.replace(/&([^;]+);/g, (_, name: string) => entities[name] ?? `&${name};`);
}

describe('templates', () => {
  it('puts any text into content and attributes so that it is read back and nothing else is', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('<', '>', '"', "'", '&', '&lt;', '</script>', '<!--', 'x', '李', '\u0000')).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, hostile, (content, attribute) => {
        const { markup } = html`<p title="${attribute}">${content}</p>`;
        const [, inAttribute, inContent] = /^<p title="([^"<>']*)">([^"<>']*)<\/p>$/s.exec(markup) ?? [];
        expect(read(inAttribute ?? '?')).toBe(attribute);
        expect(read(inContent ?? '?')).toBe(content);
      }),
    );
  });

  it('keeps markup, joins lists, and leaves out what is not there', () => {
    const items = ['<', 1].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${undefined}${null}${false}${0}`.markup).toBe('<ul><li>&lt;</li><li>1</li></ul>0');
  });
});
