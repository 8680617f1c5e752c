import { expect, test } from "vitest";
import type { Credentials } from "../auth/credentials.ts";
import { staticCredentials } from "../auth/credentials.ts";
import type { ErrorRow, WriteSafety } from "../connector/types.ts";
import { BelayError, isBelayError } from "../errors/belay-error.ts";
import { ManualClock } from "./__fixtures__/manual-clock.ts";
import { answer, requestOf } from "./__fixtures__/requests.ts";
import { httpError } from "./errors.ts";
import type { OutboundRequest, OutboundResponse } from "./outbound.ts";
import { retry } from "./retry.ts";

type Outcome = OutboundResponse | Error;

const keyed: WriteSafety = { kind: "key", header: "idempotency-key", keptFor: "1d" };
const readBack: WriteSafety = { kind: "readBack", readBack: { by: "externalId" } };
const natural: WriteSafety = { kind: "natural" };
const refused = httpError("HTTP_CONNECT_FAILED", "no connection", { details: { sent: false } });
const lost = httpError("HTTP_CONNECTION_LOST", "broken", { details: { sent: true } });
const timeout = httpError("HTTP_TIMEOUT", "too slow", { details: { sent: true } });

/** Runs a request against outcomes in turn; answers with what came of it, the attempts and the pauses. */
async function run(
  request: OutboundRequest,
  outcomes: Outcome[],
  options: { errors?: ErrorRow[]; credentials?: Credentials; closedForMs?: () => number } = {},
) {
  const clock = new ManualClock(Number.POSITIVE_INFINITY);
  let attempts = 0;
  const send = retry({ clock, random: () => 0.5, errors: [], credentials: staticCredentials(undefined), ...options })(async () => {
    const outcome = outcomes[attempts++];
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error("one attempt too many");
    return outcome;
  });
  const result = await send(request).then(
    (response) => response.status,
    (error: unknown) => (isBelayError(error) ? error.code : error),
  );
  return { result, attempts, slept: clock.slept };
}

test.each<[string, OutboundRequest]>([
  ["a read", requestOf()],
  ["a write with key", requestOf(keyed)],
  ["a natural write", requestOf(natural)],
])("%s is sent again after 5xx, resets and time-outs, three attempts in all", async (_name, request) => {
  expect(await run(request, [answer(503), lost, answer(200)])).toEqual({ result: 200, attempts: 3, slept: [100, 200] });
  expect(await run(request, [timeout, timeout, timeout])).toMatchObject({ result: "HTTP_TIMEOUT", attempts: 3 });
});

test.each<[string, Outcome]>([
  ["a time-out", timeout],
  ["a reset after sending", lost],
  ["a 500", answer(500)],
  ["a 503 with Retry-After", answer(503, { "retry-after": "1" })],
  ["a 408", answer(408)],
])("a write without key is not sent again after %s", async (_name, outcome) => {
  expect(await run(requestOf(readBack), [outcome, answer(200)])).toEqual({ result: "HTTP_OUTCOME_UNKNOWN", attempts: 1, slept: [] });
});

test.each<[string, Outcome]>([
  ["nothing was sent", refused],
  ["the provider refused it for its rate", answer(429)],
])("a write without key is sent again when %s", async (_name, outcome) => {
  expect(await run(requestOf(readBack), [outcome, answer(201)])).toMatchObject({ result: 201, attempts: 2 });
});

test("a short Retry-After is waited for, in seconds and as a date", async () => {
  expect(await run(requestOf(), [answer(429, { "retry-after": "2" }), answer(200)])).toEqual({ result: 200, attempts: 2, slept: [2_000] });
  const date = new Date(new ManualClock().now() + 1_000).toUTCString();
  expect(await run(requestOf(), [answer(503, { "retry-after": date }), answer(200)])).toEqual({ result: 200, attempts: 2, slept: [1_000] });
});

test("a long Retry-After is left to the mailbox", async () => {
  const send = retry({ clock: new ManualClock(), random: () => 0, errors: [], credentials: staticCredentials(undefined) });
  const failing = send(async () => answer(429, { "retry-after": "30" }))(requestOf());
  await expect(failing).rejects.toMatchObject({ code: "HTTP_RATE_LIMITED", retry: { afterMs: 30_000 } });
});

test.each([
  [400, "HTTP_REFUSED"],
  [404, "HTTP_REFUSED"],
  [403, "HTTP_FORBIDDEN"],
  [401, "HTTP_UNAUTHORIZED"],
  [302, "HTTP_REDIRECTED"],
])("a %i is not sent again", async (status, code) => {
  expect(await run(requestOf(), [answer(status)])).toEqual({ result: code, attempts: 1, slept: [] });
});

test("the connector's rows come before Belay's table, by status and by text", async () => {
  const errors: ErrorRow[] = [
    { status: 400, contains: "busy", code: "DESK_BUSY", class: "provider-unavailable", retry: "backoff", meaning: "m" },
    { status: 500, contains: "bad ticket", code: "DESK_BAD", class: "record-refused", retry: "never", meaning: "m" },
  ];
  expect(await run(requestOf(), [answer(400, {}, "so busy"), answer(200)], { errors })).toMatchObject({ result: 200, attempts: 2 });
  expect(await run(requestOf(), [answer(400, {}, "other")], { errors })).toMatchObject({ result: "HTTP_REFUSED", attempts: 1 });
  expect(await run(requestOf(readBack), [answer(500, {}, "bad ticket")], { errors })).toMatchObject({ result: "DESK_BAD", attempts: 1 });
});

test("what the answer says about when goes before a row, but not before its never", async () => {
  const rows = (retry: "never" | "backoff"): { errors: ErrorRow[] } => ({
    errors: [{ status: 429, code: "DESK_RATE", class: "rate-limit", retry, meaning: "m" }],
  });
  const limited = answer(429, { "retry-after": "1" });
  expect(await run(requestOf(), [limited, answer(200)], rows("backoff"))).toEqual({ result: 200, attempts: 2, slept: [1_000] });
  expect(await run(requestOf(), [limited], rows("never"))).toMatchObject({ result: "DESK_RATE", attempts: 1 });
});

test("a connector's own row for 401 does not make the same credential be tried again", async () => {
  const errors: ErrorRow[] = [{ status: 401, code: "DESK_TOKEN", class: "credential-refused", retry: "backoff", meaning: "m" }];
  expect(await run(requestOf(), [answer(401)], { errors })).toEqual({ result: "DESK_TOKEN", attempts: 1, slept: [] });
});

test("refreshes the credential once after a 401, also for a write without key", async () => {
  let refreshes = 0;
  const credentials: Credentials = { current: () => ({}), refresh: async () => void refreshes++ };
  expect(await run(requestOf(readBack), [answer(401), answer(201)], { credentials })).toMatchObject({ result: 201, attempts: 2 });
  expect(await run(requestOf(), [answer(401), answer(401)], { credentials })).toMatchObject({ result: "HTTP_UNAUTHORIZED", attempts: 2 });
  expect(refreshes).toBe(2);
});

test("does not pause beyond the deadline", async () => {
  const request = requestOf(undefined, { deadlineAt: new ManualClock().now() + 50 });
  expect(await run(request, [answer(503), answer(200)])).toEqual({ result: "HTTP_UNAVAILABLE", attempts: 1, slept: [] });
});

test.each([
  new BelayError("LEASE_LOST", "gone", { retry: "backoff" }),
  httpError("HTTP_CIRCUIT_OPEN", "open", { retry: { afterMs: 5 }, details: { waits: true } }),
  httpError("HTTP_ABORTED", "cancelled", { details: { sent: true } }),
])("passes $code through at once", async (error) => {
  expect(await run(requestOf(readBack), [error, answer(200)])).toEqual({ result: error.code, attempts: 1, slept: [] });
});

test.each<[string, number, string, ErrorRow[]]>([
  ["a 401", 401, "", []],
  ["a 403 that the connector knows", 403, "token expired", [expired(403)]],
  ["an error in a 200 that the connector knows", 200, '{"error":"token expired"}', [expired(200)]],
])("after %s the credential is renewed once, and the call made again", async (_name, status, text, errors) => {
  const count = { refreshes: 0 };
  const credentials = { current: () => ({}), refresh: async () => void (count.refreshes += 1) };
  expect(await run(requestOf(natural), [answer(status, {}, text), answer(201)], { errors, credentials })).toMatchObject({
    result: 201,
    attempts: 2,
  });
  const again = await run(requestOf(natural), [answer(status, {}, text), answer(status, {}, text)], { errors, credentials });
  expect(again).toMatchObject({ result: errors[0]?.code ?? "HTTP_UNAUTHORIZED", attempts: 2 });
  expect(count.refreshes).toBe(2);
});

test("a 200 whose body has not the text of the row is a success", async () => {
  expect(await run(requestOf(), [answer(200, {}, "token of honour")], { errors: [expired(200)] })).toMatchObject({ result: 200 });
});

function expired(status: number): ErrorRow {
  return { status, contains: "token expired", code: "DESK_EXPIRED", class: "credential-refused", retry: "never", meaning: "m" };
}

test.each<[string, Outcome, OutboundRequest, string]>([
  ["a 503", answer(503), requestOf(), "HTTP_CIRCUIT_OPEN"],
  ["a time-out", timeout, requestOf(keyed), "HTTP_CIRCUIT_OPEN"],
  ["no connection, of a write without key", refused, requestOf(readBack), "HTTP_CIRCUIT_OPEN"],
  // About the request, it may be: were it to wait, it would be the next probe, and the one after that.
  ["a 500", answer(500), requestOf(), "HTTP_UNAVAILABLE"],
  ["a refusal", answer(404), requestOf(), "HTTP_REFUSED"],
  ["what may have taken effect", lost, requestOf(readBack), "HTTP_OUTCOME_UNKNOWN"],
])("where the breaker has opened meanwhile nothing is sent again: %s", async (_name, outcome, request, code) => {
  expect(await run(request, [outcome], { closedForMs: () => 7_000 })).toEqual({ result: code, attempts: 1, slept: [] });
});

test.each<[string, Outcome, OutboundRequest, boolean]>([
  ["a 503", answer(503), requestOf(), true],
  ["a time-out", timeout, requestOf(keyed), true],
  ["what may have taken effect", lost, requestOf(readBack), true],
  ["a 500", answer(500), requestOf(), false],
  ["a refusal", answer(404), requestOf(), false],
])("where the breaker is still closed the error says whether it met an outage: %s", async (_name, outcome, request, outage) => {
  const clock = new ManualClock(Number.POSITIVE_INFINITY);
  const sent = retry({ clock, random: () => 0.5, errors: [], credentials: staticCredentials(undefined), closedForMs: () => 0 })(() =>
    outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome),
  )(request);
  const error = (await sent.catch((thrown: unknown) => thrown)) as BelayError;
  expect(error.details["outage"] === true).toBe(outage);
  expect(error.details["waits"]).toBeUndefined();
});

test("what waits for the breaker says until when, and whether bytes may have left", async () => {
  const clock = new ManualClock(Number.POSITIVE_INFINITY);
  const waitAfter = async (outcome: BelayError): Promise<unknown> =>
    await retry({ clock, random: () => 0.5, errors: [], credentials: staticCredentials(undefined), closedForMs: () => 7_000 })(() =>
      Promise.reject(outcome),
    )(requestOf(keyed)).catch((error: unknown) => error);
  expect(await waitAfter(timeout)).toMatchObject({ retry: { afterMs: 7_000 }, details: { waits: true, begun: true } });
  expect(await waitAfter(refused)).toMatchObject({ retry: { afterMs: 7_000 }, details: { waits: true } });
  expect(await waitAfter(refused)).not.toHaveProperty("details.begun");
});
