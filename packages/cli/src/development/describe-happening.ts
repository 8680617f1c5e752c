import { toMs } from "@belay/sdk";
import type { ConnectorDefinition } from "@belay/sdk";
import type { HistoryEntry, WebhookAttempt, WebhookDelivery } from "@belay/testkit";

/** What a receiver that is Belay answers with a 202, in words. */
const outcomes: Readonly<Record<string, string>> = {
  accepted: "accepted",
  duplicate: "known already",
  ignored: "ignored: no flow listens to it",
  quarantined: "set aside as a dead letter: it does not fit its schema",
};

/** One attempt as a line: `github → acme-github  issues opened "Login fails"  accepted`. */
export function describeAttempt(
  connector: ConnectorDefinition,
  { event, attempts, url }: WebhookDelivery,
  attempt: WebhookAttempt,
): string {
  const again = attempts.length > 1 ? ` (attempt ${attempts.length})` : "";
  return `${connector.id} → ${event.account ?? url}  ${event.type} ${labelOf(event.payload)}${again}  ${describeFate(connector, attempt, attempts.length)}`;
}

function describeFate({ webhooks }: ConnectorDefinition, attempt: WebhookAttempt, count: number): string {
  if (attempt.outcome === "acknowledged")
    return outcomes[memberOf(attempt.answer, "outcome") ?? ""] ?? `acknowledged with ${attempt.status}`;
  const pause = webhooks?.retries?.pauses[count - 1];
  const next = pause === undefined ? "not sent again" : `sent again in ${readable(toMs(pause))}`;
  switch (attempt.outcome) {
    case "refused":
      return `refused with ${[attempt.status, memberOf(attempt.answer, "code")].filter((part) => part !== undefined).join(" ")}; ${next}`;
    case "no-answer":
      return `no answer: ${attempt.why}; ${next}`;
    case "dropped":
      return `lost on the way; ${next}`;
  }
}

/** A request that a provider has answered, as a line; undefined for a read that went well, of which there are many. */
export function describeRequest(connector: ConnectorDefinition, entry: HistoryEntry): string | undefined {
  const { account, method, path, effect, answer } = entry;
  const status = answer === undefined || answer === "dropped" ? "no answer" : String(answer.status);
  const fault = entry.fault === "none" ? "" : `, by the fault "${entry.fault}"`;
  if (effect !== undefined) {
    const what = { create: "created", update: effect.changed ? "updated" : "updated to what it was", delete: "deleted" }[effect.operation];
    const unsaid = answer === "dropped" ? `, but the client got no answer${fault}` : "";
    return `${connector.id} ← ${account}  ${effect.resource} ${effect.recordId} ${what} ${labelOf(effect.fields)}${unsaid}`;
  }
  if (status.startsWith("2") || status === "404") return undefined;
  return `${connector.id} ← ${account}  ${method} ${path}  ${status}${fault}`;
}

/** What a person would call the thing: its title, subject or name, wherever in the payload it stands first. */
function labelOf(value: unknown): string {
  const action = memberText(value, "action");
  const label = findLabel(value, 3);
  return [action, label === undefined ? undefined : `"${label.length > 60 ? `${label.slice(0, 59)}…` : label}"`]
    .filter((part) => part !== undefined)
    .join(" ");
}

function findLabel(value: unknown, depth: number): string | undefined {
  for (const name of ["title", "subject", "name", "lastname", "email"]) {
    const text = memberText(value, name);
    if (text !== undefined && text !== "") return text;
  }
  if (depth === 0 || typeof value !== "object" || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const label = typeof inner === "object" ? findLabel(inner, depth - 1) : undefined;
    if (label !== undefined) return label;
  }
  return undefined;
}

function memberText(value: unknown, name: string): string | undefined {
  const member: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof member === "string" ? member : undefined;
}

function memberOf(json: string, name: string): string | undefined {
  try {
    return memberText(JSON.parse(json), name);
  } catch {
    return undefined; // an answer without JSON has its status
  }
}

function readable(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
