import type { Failure, FieldProblem, Fields, RecordChange, Simulation } from "@belay/sdk";

/** An empty text clears a field. */
function cleared(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value === "")
      .map(([name]) => [name, null]),
  );
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** Keys that are sent replace those of the same name; an empty text removes the key, or in place of all keys all of them. */
function mergedMetadata(before: unknown, sent: unknown): Fields {
  if (sent === "") return {};
  const both = { ...(isFields(before) && before), ...(isFields(sent) && sent) };
  return Object.fromEntries(Object.entries(both).filter(([, value]) => value !== ""));
}

/** The values that were, of what changed; of an object only its members that changed, null for those that are new. */
function previous(before: Fields, after: Fields): Fields {
  const changed = Object.keys({ ...before, ...after }).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(
    changed.map((name) => {
      const [was, is] = [before[name], after[name]];
      return [name, isFields(was) && isFields(is) ? previous(was, is) : (was ?? null)];
    }),
  );
}

function customerUpdated({ before, after }: RecordChange): Readonly<Record<string, unknown>> {
  return { "data.previous_attributes": previous(before ?? {}, after) };
}

/** How Stripe behaves where its contract does not say. */
export const simulator = {
  resources: {
    customer: {
      createdStatus: 200,
      id: (serial) => `cus_${String(serial).padStart(14, "0")}`,
      defaults: (now) => ({
        object: "customer",
        email: null,
        name: null,
        phone: null,
        description: null,
        created: Math.floor(now.getTime() / 1_000),
        livemode: false,
      }),
      computed: (_now, _record, fields) => ({ ...cleared(fields), metadata: mergedMetadata({}, fields["metadata"]) }),
      revised: (before, sent) => ({
        ...before,
        ...sent,
        ...("metadata" in sent && { metadata: mergedMetadata(before["metadata"], sent["metadata"]) }),
      }),
      deleted: () => ({ object: "customer" }),
      page: ({ path }) => ({ object: "list", url: path }),
    },
  },
  authorizations: ({ token }) => [`Basic ${btoa(`${token}:`)}`],
  refuses: ({ query }) =>
    "starting_after" in query && "ending_before" in query
      ? { failure: "invalid", description: "Only one of starting_after and ending_before may be given.", paths: ["ending_before"] }
      : undefined,
  headers: ({ sequence }) => ({ "request-id": `req_${String(sequence).padStart(14, "0")}` }),
  replayHeaders: { "idempotent-replayed": "true" },
  webhookHeaders: { "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "content-type": "application/json; charset=utf-8" },
  events: { "customer.updated": customerUpdated },
  errorBody: (failure) => {
    const code = failure.marker ?? codeOf(failure);
    const param = failure.kind === "not-found" ? "id" : failure.paths[0];
    return {
      error: {
        type: failure.kind === "server-error" || failure.kind === "unavailable" ? "api_error" : "invalid_request_error",
        ...(code !== undefined && { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}` }),
        message: messageOf(failure),
        ...(param !== undefined && { param: inBrackets(param) }),
      },
    };
  },
} as const satisfies Simulation;

/** As forms name it: `metadata[plan]`. */
function inBrackets(path: string): string {
  const [name = "", ...rest] = path.split(".");
  return `${name}${rest.map((member) => `[${member}]`).join("")}`;
}

function codeOf({ kind, fields }: Failure): string | undefined {
  if (kind === "cursor-invalid" || kind === "not-found") return "resource_missing";
  return kind === "invalid" && fields[0] !== undefined ? codes[fields[0].is] : undefined;
}

const codes: Readonly<Record<FieldProblem["is"], string | undefined>> = {
  missing: "parameter_missing",
  unknown: "parameter_unknown",
  type: undefined,
  value: undefined,
};

function messageOf({ kind, description, id, resource, fields, paths }: Failure): string {
  if ((kind === "not-found" || kind === "cursor-invalid") && id !== undefined) return `No such ${resource}: '${id}'`;
  if (kind === "unauthorized") return "Invalid API Key provided";
  const [path = ""] = paths;
  return fields[0]?.is === "unknown" ? `Received unknown parameter: ${inBrackets(path)}` : description;
}
