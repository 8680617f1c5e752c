import type { Fields, Simulation } from "@belay/sdk";

/** An empty text clears a field. */
function cleared(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value === "")
      .map(([name]) => [name, null]),
  );
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
        metadata: {},
        created: Math.floor(now.getTime() / 1_000),
        livemode: false,
      }),
      computed: (_now, _record, fields) => cleared(fields),
    },
  },
  errorBody: ({ kind, description, marker, paths }) => {
    const code = marker ?? codes[kind];
    return {
      error: {
        type: kind === "server-error" || kind === "unavailable" ? "api_error" : "invalid_request_error",
        ...(code !== undefined && { code }),
        message: description,
        ...(paths[0] !== undefined && { param: paths[0] }),
      },
    };
  },
} as const satisfies Simulation;

const codes: Readonly<Record<string, string | undefined>> = {
  "cursor-invalid": "resource_missing",
  invalid: "parameter_invalid",
};
