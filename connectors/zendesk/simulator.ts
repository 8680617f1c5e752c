import type { Simulation } from "@belay/sdk";
import { valueAt } from "@belay/sdk";

/** Zendesk's times have whole seconds. */
const time = (now: Date): string => now.toISOString().replace(/\.\d{3}/, "");

/** How Zendesk behaves where its contract does not say. */
export const simulator = {
  resources: {
    ticket: {
      defaults: (now) => ({ external_id: null, status: "open", priority: null, tags: [], custom_fields: [], created_at: time(now) }),
      // The first comment is shown as the description and nowhere else.
      computed: (now, _record, fields) => ({ description: valueAt(fields, "comment.body"), comment: undefined, updated_at: time(now) }),
      refuses: (before) => (before["status"] === "closed" ? "Status: closed prevents ticket update" : undefined),
    },
    user: {
      defaults: (now) => ({ role: "end-user", external_id: null, email: null, phone: null, notes: "", tags: [], created_at: time(now) }),
      computed: (now) => ({ updated_at: time(now) }),
    },
    organization: {
      defaults: (now) => ({ external_id: null, domain_names: [], details: "", notes: "", tags: [], created_at: time(now) }),
      computed: (now) => ({ updated_at: time(now) }),
    },
  },
  errorBody: ({ kind, description, marker, paths }) => ({
    error: marker ?? names[kind] ?? "Error",
    description,
    ...(paths.length > 0 && { details: Object.fromEntries(paths.map((path) => [path, [{ description: `${path}: is invalid` }]])) }),
  }),
} as const satisfies Simulation;

const names: Readonly<Record<string, string | undefined>> = {
  unauthorized: "Couldn't authenticate you",
  "unknown-route": "InvalidEndpoint",
  "not-found": "RecordNotFound",
  invalid: "RecordInvalid",
  refused: "RecordInvalid",
  limited: "TooManyRequests",
  "server-error": "InternalServerError",
  unavailable: "ServiceUnavailable",
};
