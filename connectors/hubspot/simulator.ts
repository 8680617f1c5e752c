import type { ResourceBehaviour, Simulation } from "@belay/sdk";

/** The time of the last change, beside the record and among its properties. */
const modified =
  (property: string): NonNullable<ResourceBehaviour["computed"]> =>
  (now, _record, fields) => ({ updatedAt: now.toISOString(), properties: { ...fields, [property]: now.toISOString() } });

/** How HubSpot behaves where its contract does not say. */
export const simulator = {
  resources: {
    contact: {
      unique: ["stripe_customer_id", "email"],
      defaults: (now) => ({ createdAt: now.toISOString(), archived: false }),
      computed: modified("lastmodifieddate"),
    },
    company: {
      defaults: (now) => ({ createdAt: now.toISOString(), archived: false }),
      computed: modified("hs_lastmodifieddate"),
    },
    ticket: {
      defaults: (now) => ({ createdAt: now.toISOString(), archived: false }),
      computed: modified("hs_lastmodifieddate"),
    },
  },
  errorBody: ({ kind, description, marker }) => ({
    status: "error",
    message: description,
    correlationId: "2dea5219-07f2-40ce-82ec-9c2e302317a4",
    ...(kind === "limited"
      ? { errorType: "RATE_LIMIT", policyName: marker ?? "TEN_SECONDLY_ROLLING", category: "RATE_LIMITS" }
      : { category: marker ?? categories[kind] ?? "INTERNAL_ERROR" }),
  }),
} as const satisfies Simulation;

const categories: Readonly<Record<string, string | undefined>> = {
  unauthorized: "INVALID_AUTHENTICATION",
  forbidden: "MISSING_SCOPES",
  "not-found": "OBJECT_NOT_FOUND",
  "unknown-route": "OBJECT_NOT_FOUND",
  malformed: "VALIDATION_ERROR",
  invalid: "VALIDATION_ERROR",
  "cursor-invalid": "VALIDATION_ERROR",
};
