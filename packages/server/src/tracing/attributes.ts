/** Where an attribute is found. */
type Place = "receipt" | "run" | "step" | "call" | "log";

interface Meaning {
  readonly on: readonly Place[];
  readonly meaning: string;
}

/**
 * Every attribute that leaves Belay in a span or a log line. The names of OpenTelemetry are used where they are stable; `messaging.*` is not, so these are ours.
 * Values are labels, ids and templates: nothing that a provider or a person wrote.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/ 1.45
 */
export const attributes = {
  "belay.tenant": { on: ["receipt", "run", "call", "log"], meaning: "The tenant." },
  "belay.connection": {
    on: ["receipt", "run", "call", "log"],
    meaning: "Of a receipt and a run the connection that the event came from, of a call the one it was made with.",
  },
  "belay.target": { on: ["run"], meaning: "The connection written to." },
  "belay.flow": { on: ["run", "log"], meaning: "The flow." },
  "belay.event.type": { on: ["receipt", "run"], meaning: "The event's type, as its sender names it." },
  "belay.event.id": { on: ["receipt", "run"], meaning: "The event's id, as its sender names it." },
  "belay.outcome": { on: ["receipt"], meaning: "`accepted`, `duplicate`, `quarantined`, `ignored` or `rejected`." },
  "belay.quarantined": { on: ["receipt"], meaning: "How many dead letters it became at once." },
  "belay.message.id": { on: ["run", "log"], meaning: "The message: `belay show <id>` tells its story." },
  "belay.attempt": { on: ["run"], meaning: "The how-manieth attempt it was, from 1." },
  "belay.verdict": { on: ["run"], meaning: "`delivered`, `retry`, `dead`, `wait` or `suspended`." },
  "belay.waited_ms": { on: ["run"], meaning: "Milliseconds between the receipt and the beginning of the run." },
  "belay.replayed": { on: ["run"], meaning: "True for what had been a dead letter." },
  "belay.calls_omitted": { on: ["run"], meaning: "Calls that are not told of because there were too many; the first and the last 20 are." },
  "belay.step": { on: ["step"], meaning: "The step's name, as the flow gave it." },
  "belay.operation": { on: ["call"], meaning: "What of the connector was called, such as `zendesk.ticket.create`." },
  "belay.idempotency_key": { on: ["call"], meaning: "The key by which the provider knows the write again; a hash." },
  "http.request.method": { on: ["receipt", "call"], meaning: "The method." },
  "http.response.status_code": { on: ["receipt", "call"], meaning: "The status of the answer." },
  "http.route": { on: ["receipt"], meaning: "`/in/{endpoint}` for webhooks, `/v1/events` for the host application." },
  "server.address": { on: ["call"], meaning: "The provider's host." },
  "server.port": { on: ["call"], meaning: "The provider's port." },
  "error.type": {
    on: ["receipt", "run", "step", "call", "log"],
    meaning: "The error's code, see errors.md; of a call that was answered, the status.",
  },
  "belay.failure.class": { on: ["receipt", "run"], meaning: "The class of the failure, see failures.md." },
  "belay.failure.owner": { on: ["receipt", "run"], meaning: "Who has to act: `tenant`, `support`, `engineer`, `provider` or `operator`." },
  "exception.type": { on: ["log"], meaning: "The name of the error." },
  "exception.stacktrace": { on: ["log"], meaning: "Where it was thrown, without its text." },
} as const satisfies Readonly<Record<string, Meaning>>;

export type AttributeName = keyof typeof attributes;

export type SpanAttributes = Readonly<Partial<Record<AttributeName, string | number | boolean>>>;

/** Who says so, beside it. */
export const scopeName = "belay";
