import { createHash } from "node:crypto";

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { display: grid; min-height: 100vh; margin: 0; place-items: center }
main { box-sizing: border-box; width: min(24rem, 100%); padding: 1.5rem }
h1 { font-size: 1.4rem }
label, input, button, .button { display: block; box-sizing: border-box; width: 100%; font: inherit }
input { margin: .25rem 0 1rem; padding: .5rem }
button, .button { padding: .6rem; text-align: center; cursor: pointer }
.problem { border-left: .25rem solid #c22; padding-left: .75rem }
`;

/** Of the one style element: the only style that our pages may have. */
export const styleHash = createHash("sha256").update(style).digest("base64");

/** A page of ours: server-rendered, without any script. */
function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} · Belay</title><style>${style}</style></head><body><main><h1>${escape(title)}</h1>${body}</main></body></html>`;
}

const shown = (problem: string | undefined): string =>
  problem === undefined ? "" : `<p class="problem" role="alert">${escape(problem)}</p>`;

const nameAndPassword = (autocomplete: string): string =>
  `<label for="name">E-mail address</label><input id="name" name="name" type="email" autocomplete="username" required maxlength="200">` +
  `<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="${autocomplete}" required maxlength="1000">`;

/** Where operators sign in. */
export function signInPage({ problem, oidc }: { readonly problem?: string | undefined; readonly oidc: boolean }): string {
  const byProvider = oidc ? `<p><a class="button" href="/sign-in/oidc">Sign in with your organization</a></p>` : "";
  const form = `<form method="post" action="/sign-in">${nameAndPassword("current-password")}<button>Sign in</button></form>`;
  return page("Sign in", shown(problem) + byProvider + form);
}

/** What somebody sees who is signed in. */
export function signedInPage({ role, token }: { readonly role: string; readonly token: string }): string {
  const form = `<form method="post" action="/sign-out"><input type="hidden" name="token" value="${escape(token)}"><button>Sign out</button></form>`;
  return page("You are signed in", `<p>Your role is ${escape(role)}.</p>${form}`);
}

/** Where the first administrator is made. */
export function setUpPage({ problem, token }: { readonly problem?: string | undefined; readonly token: string }): string {
  const form = `<form method="post" action="/set-up"><input type="hidden" name="token" value="${escape(token)}">${nameAndPassword("new-password")}<button>Make the first administrator</button></form>`;
  return page("Set up", `${shown(problem)}<p>This page works once.</p>${form}`);
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
