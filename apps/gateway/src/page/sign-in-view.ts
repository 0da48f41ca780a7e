import { html, type Html } from './html.js';

/** Asks for a token. */
export function signInView(reason: string): Html {
  return html`<h1>Sign in</h1>
<p class="panel notice">${reason}</p>
<form class="search" method="post" action="/sign-in">
<input type="password" name="token" aria-label="Token" placeholder="Token" autocomplete="off" required maxlength="4000">
<button>Sign in</button>
</form>
<p class="soft small">A token comes from your administrator: <code>annals token --subject NAME --role agent --department PATH</code>. It stays in this browser until you sign out or it expires.</p>`;
}
