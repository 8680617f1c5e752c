import type { FaultRates, FaultRule } from "../faults.ts";
import type { DeliveryFaults, DeliveryRates, WebhookEndpoint } from "../webhooks/index.ts";
import { Secret } from "@belay/sdk";

/** What can be asked of a simulator over HTTP. */
export type Command =
  | {
      readonly kind: "send";
      readonly account?: string;
      readonly type?: string;
      readonly payload?: Fields;
      readonly faults?: DeliveryFaults;
    }
  | { readonly kind: "redeliver"; readonly event: string }
  | { readonly kind: "subscribe"; readonly account?: string; readonly endpoint: WebhookEndpoint }
  | { readonly kind: "fault-rates"; readonly account?: string; readonly rates: FaultRates }
  | { readonly kind: "fault-rule"; readonly rule: FaultRule }
  | { readonly kind: "webhook-faults"; readonly account?: string; readonly rates: DeliveryRates };

type Fields = Record<string, unknown>;

const faultRates = ["tooManyRequests", "serverError", "unavailable", "timeoutAfterCommit", "resetBeforeCommit", "slow"] as const;
const faultNumbers = ["hangMs", "retryAfterSeconds"] as const;
const deliveryRates = ["dropped", "doubled", "delayed", "reordered"] as const;
const faultKinds = ["answer", "reply", "timeout-after-commit", "reset-before-commit", "reset-after-commit", "slow", "items"];
const failures = ["unauthorized", "not-found", "limited", "server-error", "unavailable"];

/**
 * Reads a request to the control API.
 *
 * @throws TypeError saying what the request should look like.
 */
export function readCommand(route: string, body: unknown): Command | undefined {
  if (!isFields(body)) throw new TypeError("Send a JSON object.");
  const account = textOf(body, "account");
  const at = account === undefined ? {} : { account };
  switch (route) {
    case "POST /webhooks": {
      const type = textOf(body, "type");
      const { payload, faults } = body;
      if (payload !== undefined && !isFields(payload))
        throw new TypeError("payload: give a JSON object; it is laid over the payload that is made up.");
      return {
        kind: "send",
        ...at,
        ...(type && { type }),
        ...(payload && { payload }),
        ...(isFields(faults) && { faults: readDeliveryFaults(faults) }),
      };
    }
    case "POST /redeliver":
      return { kind: "redeliver", event: needed(body, "event") };
    case "POST /endpoints": {
      const url = needed(body, "url");
      if (!URL.canParse(url)) throw new TypeError("url: give the whole URL, such as http://127.0.0.1:4000/in/….");
      const types = Array.isArray(body["types"]) ? body["types"].filter((type) => typeof type === "string") : undefined;
      return { kind: "subscribe", ...at, endpoint: { url, secret: new Secret(needed(body, "secret")), ...(types && { types }) } };
    }
    case "PUT /faults": {
      const { account: _account, ...given } = body;
      return { kind: "fault-rates", ...at, rates: readNumbers(given, faultRates, faultNumbers) };
    }
    case "POST /faults":
      return { kind: "fault-rule", rule: readRule(body) };
    case "PUT /webhook-faults": {
      const { account: _account, ...given } = body;
      return { kind: "webhook-faults", ...at, rates: readNumbers(given, deliveryRates, []) };
    }
    default:
      return undefined;
  }
}

function readDeliveryFaults(faults: Fields): DeliveryFaults {
  const { overtaken, ...numbers } = faults;
  return { ...readNumbers(numbers, [], ["drops", "copies", "delayMs"]), ...(overtaken === true && { overtaken }) };
}

function readRule(body: Fields): FaultRule {
  const { fault } = body;
  if (!isFields(fault) || !faultKinds.includes(String(fault["kind"]))) {
    throw new TypeError(`fault: give an object with a kind: ${faultKinds.join(", ")}.`);
  }
  if (fault["kind"] === "answer" && !failures.includes(String(fault["failure"]))) {
    throw new TypeError(`fault.failure: name one of ${failures.join(", ")}.`);
  }
  if (fault["kind"] === "reply" && (!isStatus(fault["status"]) || typeof fault["text"] !== "string")) {
    throw new TypeError("fault: a reply needs a status from 200 to 599 and a text.");
  }
  if (fault["kind"] === "items" && !isItems(fault["items"])) {
    throw new TypeError(`fault.items: give a list of { position, as } with one of ${failures.join(", ")}, invalid, unmentioned.`);
  }
  if (fault["kind"] === "slow" && typeof fault["forMs"] !== "number") throw new TypeError("fault.forMs: give milliseconds.");
  readNumbers(Object.fromEntries(Object.entries(body).filter(([name]) => name === "after" || name === "times")), [], ["after", "times"]);
  // What tells the kinds apart has been checked above.
  return { ...body, fault } as unknown as FaultRule;
}

/** Shares from 0 to 1 and other numbers from 0, by name. */
function readNumbers<const Share extends string, const Amount extends string>(
  given: Fields,
  shares: readonly Share[],
  amounts: readonly Amount[],
): Partial<Record<Share | Amount, number>> {
  const result: Partial<Record<string, number>> = {};
  for (const [name, value] of Object.entries(given)) {
    const isShare = shares.some((share) => share === name);
    if (!isShare && !amounts.some((amount) => amount === name)) {
      throw new TypeError(`${name}: is not known; there are ${[...shares, ...amounts].join(", ")}.`);
    }
    if (typeof value !== "number" || !(value >= 0) || (isShare && value > 1)) {
      throw new TypeError(`${name}: give a number from 0${isShare ? " to 1" : ""}.`);
    }
    result[name] = value;
  }
  return result;
}

function isItems(value: unknown): boolean {
  const known = [...failures, "invalid", "unmentioned"];
  return (
    Array.isArray(value) &&
    value.every((item) => isFields(item) && Number.isInteger(item["position"]) && known.includes(String(item["as"])))
  );
}

function isStatus(value: unknown): boolean {
  return typeof value === "number" && value >= 200 && value <= 599;
}

function textOf(body: Fields, name: string): string | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== "string") throw new TypeError(`${name}: give a text.`);
  return value;
}

function needed(body: Fields, name: string): string {
  const value = textOf(body, name);
  if (value === undefined || value === "") throw new TypeError(`${name}: is missing; give a text.`);
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
