import { createHash } from 'node:crypto';

import { html, Html } from './html.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5c6675; --line: #dfe3ea; --paper: #fff; --back: #f4f6f9; --accent: #2456b8;
  --voice: #b3541e; --message: #1f8a5b; --email: #2456b8; --meeting: #7a3fb0; --money: #946200; --other: #5c6675; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa5b5; --line: #323a47; --paper: #1c222c; --back: #141920; --accent: #8db4ff;
  --voice: #f0a070; --message: #6fd3a4; --email: #8db4ff; --meeting: #c79bf0; --money: #e2b95c; --other: #9aa5b5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); line-height: 1.5;
  font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
header.top { background: var(--paper); border-bottom: 1px solid var(--line); }
header.top div, main { max-width: 64rem; margin: 0 auto; padding: 0.9rem 1.25rem; }
header.top div { display: flex; gap: 1.25rem; align-items: baseline; }
header.top .brand { font-weight: 700; font-size: 1.15rem; color: var(--ink); letter-spacing: 0.01em; }
.demo { background: #b3541e; color: #fff; border-radius: 0.3rem; padding: 0 0.5rem; font-size: 0.8rem; font-weight: 600; }
h1 { font-size: 1.6rem; margin: 0.6rem 0 0.2rem; } h2 { font-size: 1.1rem; margin: 1.8rem 0 0.6rem; }
.soft, .soft a { color: var(--soft); } .small { font-size: 0.875rem; } .right { text-align: right; font-variant-numeric: tabular-nums; } td.right, .date { white-space: nowrap; }
.panel { background: var(--paper); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.2rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; margin-top: 1rem; }
.grid h2 { margin: 0 0 0.5rem; font-size: 0.95rem; color: var(--soft); font-weight: 600; }
.chips { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0.5rem 0; padding: 0; list-style: none; }
.chip { border: 1px solid var(--line); border-radius: 1rem; padding: 0.05rem 0.7rem; font-size: 0.85rem; background: var(--back); }
table { border-collapse: collapse; width: 100%; font-size: 0.925rem; } th { text-align: left; font-weight: 600; color: var(--soft); }
th.right { text-align: right; } th, td { padding: 0.35rem 0.5rem 0.35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
form.search { display: flex; gap: 0.6rem; margin: 1rem 0; } form.search input { flex: 1; min-width: 0; }
input, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 0.45rem; padding: 0.5rem 0.75rem; }
button { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600; cursor: pointer; }
form.filters { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: end; } form.filters label { display: grid; gap: 0.1rem; align-content: end; font-size: 0.8rem; color: var(--soft); }
form.filters input, form.filters select { padding: 0.3rem 0.5rem; font-size: 0.9rem; color: var(--ink); } form.filters button { padding: 0.35rem 0.9rem; }
ol.timeline { list-style: none; margin: 1rem 0 0; padding: 0; }
ol.timeline li { display: grid; grid-template-columns: 9.5rem 1fr; gap: 1rem; padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
ol.timeline li:last-child { border-bottom: 0; } .entry p { margin: 0.15rem 0 0; white-space: pre-line; overflow-wrap: anywhere; }
.kind { font-weight: 600; } .kind::before { content: ""; display: inline-block; width: 0.6rem; height: 0.6rem; border-radius: 50%; background: currentColor; margin-right: 0.45rem; }
.voice { color: var(--voice); } .message { color: var(--message); } .email { color: var(--email); } .meeting { color: var(--meeting); }
.transaction { color: var(--money); } .other { color: var(--other); } .gone { text-decoration: line-through; }
nav.pages { display: flex; justify-content: space-between; margin: 1rem 0; } .erased { color: var(--soft); font-style: italic; }
.notice { border-left: 4px solid var(--accent); }
@media (max-width: 40rem) { ol.timeline li { grid-template-columns: 1fr; gap: 0.1rem; } }
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** Nothing runs, nothing is fetched, and the one stylesheet is known by its hash. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const style = new Html(`<style>${STYLE}</style>`);

/** A whole page. */
export function layout(page: { readonly title: string; readonly demo: boolean; readonly isSignedIn: boolean; readonly body: Html }): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${page.title} · Annals</title>
${style}
</head>
<body>
<header class="top"><div>
<a class="brand" href="/">Annals</a>
${page.demo && html`<span class="demo">DEMO data</span>`}
<a href="/">Search</a>
<a href="/view/segments">Segments</a>
<a href="/view/duplicates">Duplicates</a>
<a href="/docs">API</a>
${page.isSignedIn && html`<form method="post" action="/sign-out"><button>Sign out</button></form>`}
</div></header>
<main>
${page.body}
</main>
</body>
</html>
`;
}
