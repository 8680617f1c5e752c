import type { Secret, Webhooks } from "@belay/sdk";
import type { SimulatorClock } from "../clock.ts";
import type { WebhookEvent } from "./compose-event.ts";

/** Where an account's webhooks go. */
export interface WebhookEndpoint {
  readonly url: string;
  /** What the provider signs with. */
  readonly secret: Secret;
  /** The event types that go there. Default: all. */
  readonly types?: readonly string[];
}

/** One sending of an event, and what came of it. */
export type WebhookAttempt = { readonly at: number; readonly tookMs: number } & (
  | { readonly outcome: "acknowledged" | "refused"; readonly status: number; /** The first 2,000 characters. */ readonly answer: string }
  /** `why`: the deadline passed, or the connection could not be made or broke. */
  | { readonly outcome: "no-answer"; readonly why: string }
  /** A fault: it never arrived. */
  | { readonly outcome: "dropped" }
);

/** What an attempt needs of the world. */
export interface Sender {
  readonly clock: SimulatorClock;
  readonly fetch: typeof globalThis.fetch;
  /** What the provider puts on every webhook beside what the contract names. Default: nothing. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends everything when the simulator is closed. */
  readonly closed: AbortSignal;
}

const longestAnswer = 2_000;

/** The request that delivers `event`, signed for the moment `now` as the provider signs it. */
function composeRequest(
  webhooks: Webhooks,
  event: WebhookEvent,
  secret: Secret,
  now: Date,
  extra: Readonly<Record<string, string>>,
): { readonly headers: Record<string, string>; readonly body: Uint8Array<ArrayBuffer> } {
  const body = new Uint8Array(Buffer.from(JSON.stringify(event.payload)));
  const headers: Record<string, string> = { "content-type": "application/json", "user-agent": "belay-simulator", ...extra };
  if ("header" in webhooks.type) headers[webhooks.type.header] = event.type;
  if (typeof webhooks.id === "object" && "header" in webhooks.id) headers[webhooks.id.header] = event.id;
  return { headers: { ...headers, ...webhooks.scheme.sign(body, secret, now, event.id) }, body };
}

/** Posts the event once and waits for an answer, no longer than the provider would. Like providers it follows no redirect. */
export async function attempt(
  webhooks: Webhooks,
  event: WebhookEvent,
  endpoint: WebhookEndpoint,
  patienceMs: number,
  { clock, fetch, closed, headers = {} }: Sender,
): Promise<WebhookAttempt> {
  const at = clock.now();
  const tookMs = (): number => clock.now() - at;
  const patience = new AbortController();
  const answered = new AbortController();
  void clock.wait(patienceMs, AbortSignal.any([answered.signal, closed])).then(() => patience.abort());
  try {
    const response = await fetch(endpoint.url, {
      method: "POST",
      ...composeRequest(webhooks, event, endpoint.secret, new Date(at), headers),
      redirect: "manual",
      signal: AbortSignal.any([patience.signal, closed]),
    });
    const answer = (await response.text()).slice(0, longestAnswer);
    return { at, tookMs: tookMs(), outcome: response.ok ? "acknowledged" : "refused", status: response.status, answer };
  } catch (error) {
    const late = patience.signal.aborted && !closed.aborted;
    return { at, tookMs: tookMs(), outcome: "no-answer", why: late ? `no answer within ${patienceMs} ms` : reasonOf(error) };
  } finally {
    answered.abort();
  }
}

/** The cause says more than fetch's own "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || ("code" in error ? String(error.code) : error.name);
}
