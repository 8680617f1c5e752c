import type { FastifyReply } from "fastify";
import { type Html, html, type HtmlPart } from "./html.ts";
import { type Notice, noticeTexts } from "./notices.ts";

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes by itself, after so many seconds. */
  readonly onward?: { readonly url: string; readonly seconds: number };
}

/**
 * No script, no style but ours, in nobody's frame, and forms go nowhere but here. The provider is reached by a page of its own (`onward`), because browsers hold the
 * redirects that follow a form against `form-action` as well, and a provider may have any number of them.
 */
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export async function sendPage(reply: FastifyReply, { status, title, body, onward }: Page): Promise<FastifyReply> {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="stylesheet" href="/connect/style.css" />
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `;
  if (onward !== undefined) reply.header("refresh", `${onward.seconds}; url=${onward.url}`);
  return await reply.code(status).headers(pageHeaders).type("text/html; charset=utf-8").send(document.text);
}

const pageHeaders = {
  "content-security-policy": policy,
  "cache-control": "no-store",
  // The address is a secret: it goes to nobody else.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin-allow-popups",
} as const;

/** The same for a link that never was and for one that is over: nobody learns which it is. */
export const goneLink: Page = {
  status: 404,
  title: "This link is no longer valid",
  body: html`<h1>This link is no longer valid</h1>
    <p>Links like this one work for a short time, and once. Go back to where you found it and ask for a new one.</p>`,
};

export const tooManyRequests: Page = {
  status: 429,
  title: "Please wait a moment",
  body: html`<h1>Please wait a moment</h1>
    <p>There were too many requests from your network. Try again in a minute.</p>`,
};

/** What the last attempt came to, announced to those who cannot see it. */
export function noticeOf(notice: Notice, provider: string, more?: HtmlPart): Html {
  const fill = (text: string): string => text.replaceAll("{provider}", provider);
  const { happened, remedy } = noticeTexts[notice];
  return html`<div class="notice" role="alert" tabindex="-1">
    <p><strong>${fill(happened)}</strong></p>
    <p>${fill(remedy)}</p>
    ${more}
  </div>`;
}
