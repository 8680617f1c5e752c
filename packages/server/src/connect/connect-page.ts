import type { AnyConnector } from "@belay/sdk";
import { scopesToAsk } from "./begin-authorization.ts";
import { returnUrlOf } from "./complete-session.ts";
import { sendsUser } from "./create-session.ts";
import { type AccessLine, describeAccess } from "./describe-access.ts";
import { type FormField, renderFields } from "./form-fields.ts";
import { html, type Html } from "./html.ts";
import { isNotice, type Notice } from "./notices.ts";
import { noticeOf, type Page } from "./page.ts";
import type { Session } from "./session.ts";

export interface PageState {
  readonly session: Session;
  readonly connector: AnyConnector;
  /** What the connection stood on until now, as far as it is known. */
  readonly account: string | undefined;
  readonly fields: readonly FormField[];
  /** What was sent last, shown again where it is no secret. */
  readonly form: URLSearchParams;
  readonly mistakes: ReadonlyMap<string, string>;
  readonly notice: Notice | undefined;
}

/** The page at which somebody connects: what will be connected, what is asked for, and the way to do it. */
export function connectPage(state: PageState): Page {
  const { session, connector, notice, mistakes } = state;
  const { title } = connector;
  const verb = session.row.connection === null ? "Connect" : "Reconnect";
  const isWrong = notice !== undefined || mistakes.size > 0;
  const leaves = sendsUser(connector);
  const back = returnUrlOf(session, connector, "cancelled");
  const body = html`<h1>${verb} ${title}</h1>
    ${introduction(state, leaves)} ${notice !== undefined && noticeOf(notice, title)} ${mistakes.size > 0 && summary(state)}
    <form method="post" action="/connect/${session.details.token}" ${!leaves && html`novalidate`}>
      ${accessList(describeAccess(connector, scopesToAsk(session, connector)), state.form, leaves, title)} ${fixedSettings(state)}
      ${renderFields(state.fields, state.form, mistakes)}
      <div class="actions">
        <button type="submit" name="action" value="connect">${leaves ? `Continue to ${title}` : verb}</button>
        ${back !== undefined && html`<a class="back" href="${back}">Cancel and go back</a>`}
      </div>
    </form>`;
  return { status: isWrong ? 422 : 200, title: `${isWrong ? "Error: " : ""}${verb} ${title}`, body };
}

function introduction({ connector: { title }, account, session }: PageState, leaves: boolean): Html {
  const whose = session.details.user?.name;
  return html`${account !== undefined && html`<p>Connected until now: <strong>${account}</strong></p>`}
    <p class="quiet">
      ${
        leaves
          ? `You will be sent to ${title}, where you sign in and agree. We never see your password.`
          : `What you enter is checked with ${title}, and then kept encrypted.`
      }
      ${whose !== undefined && html` You connect as ${whose}.`}
    </p>`;
}

/** The first thing that is read out, with a way to each field. */
function summary({ fields, mistakes }: PageState): Html {
  const wrong = fields.filter(({ input }) => mistakes.has(input));
  return html`<div class="notice" role="alert">
    <p><strong>Please look at ${wrong.length === 1 ? "one field" : `${wrong.length} fields`} again.</strong></p>
    <ul>
      ${wrong.map(({ input, label }) => html`<li><a href="#${input}">${label}</a>: ${mistakes.get(input)}</li>`)}
    </ul>
  </div>`;
}

function accessList(lines: readonly AccessLine[], form: URLSearchParams, leaves: boolean, title: string): Html | undefined {
  if (lines.length === 0 || !leaves) return undefined;
  const wasSent = form.has("action");
  return html`<h2 id="access">This will be able to</h2>
    <ul class="access" aria-labelledby="access">
      ${lines.map(({ scope, text, optional }) =>
        optional
          ? html`<li>
              <label
                ><input
                  type="checkbox"
                  name="scope"
                  value="${scope}"
                  ${(!wasSent || form.getAll("scope").includes(scope)) && html`checked`}
                />
                ${text} <span class="badge">optional</span></label
              >
            </li>`
          : html`<li>
              <span class="line"><span class="mark" aria-hidden="true">✓</span> ${text}</span>
            </li>`,
      )}
    </ul>
    <p class="quiet">You can take this back at any time at ${title}.</p>`;
}

function fixedSettings({ connector, session }: PageState): Html | undefined {
  const entries = Object.entries(session.details.settings);
  if (entries.length === 0) return undefined;
  const address = connector.baseUrl.replaceAll(/\{(\w+)\}/g, (all, name: string) => session.details.settings[name] ?? all);
  return html`<p class="quiet">Account address: ${URL.canParse(address) ? new URL(address).host : address}</p>`;
}

/** Nothing to do any more but go back, where there is a way back. */
export function connectedPage(session: Session, connector: AnyConnector): Page {
  const url = returnUrlOf(session, connector, "connected");
  return {
    status: 200,
    title: `${connector.title} is connected`,
    body: html`<h1>${connector.title} is connected</h1>
      <div class="notice good" role="status"><p>All is set. You can close this page.</p></div>
      ${url !== undefined && html`<div class="actions"><a class="button" href="${url}">Go back</a></div>`}`,
    ...(url !== undefined && { onward: { url, seconds: 3 } }),
  };
}

/** The account is another one than before: only who knows can say whether that is meant. */
export function confirmPage(session: Session, connector: AnyConnector, { before, now }: { before: string; now: string }): Page {
  return {
    status: 200,
    title: `Another ${connector.title} account`,
    body: html`<h1>This is another account</h1>
      <p>Until now this was connected to <strong>${before}</strong>. You have just signed in to <strong>${now}</strong>.</p>
      <p class="quiet">What waits for the old account would be sent to the new one.</p>
      <form method="post" action="/connect/${session.details.token}">
        <div class="actions">
          <button type="submit" name="action" value="discard">Choose an account again</button>
          <button class="second" type="submit" name="action" value="confirm">Use ${now} from now on</button>
        </div>
      </form>`,
  };
}

/** The browser is on its way to the provider. */
export function leavingPage(connector: AnyConnector, url: string): Page {
  return {
    status: 200,
    title: `Continue to ${connector.title}`,
    body: html`<h1>On to ${connector.title}</h1>
      <p>You will be there in a moment.</p>
      <div class="actions"><a class="button" href="${url}">Continue to ${connector.title}</a></div>`,
    onward: { url, seconds: 0 },
  };
}

export function noticeOfSession({ row }: Session): Notice | undefined {
  return row.notice !== null && isNotice(row.notice) ? row.notice : undefined;
}
