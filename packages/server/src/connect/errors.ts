import type { ErrorTable } from "@belay/sdk";

/** Why no link is made by which somebody could connect. */
export const connectErrors = {
  CONNECT_CONNECTOR_UNKNOWN: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "There is no connector of this id in the configuration, or the connection belongs to another one.",
  },
  CONNECT_RETURN_FORBIDDEN: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "The browser may only be sent back to an origin that the operator has allowed: see BELAY_RETURN_ORIGINS.",
  },
  CONNECT_SETTINGS_INVALID: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "A setting is none of the connector's address, or its value cannot stand there.",
  },
  CONNECT_SCOPE_UNKNOWN: {
    status: 422,
    class: "request-mistake",
    retry: "never",
    meaning: "A scope is asked for that the connector does not declare.",
  },
  CONNECT_CONFIGURED: {
    status: 409,
    class: "request-mistake",
    retry: "never",
    meaning: "The connection's credential is in the configuration, where it has to be changed.",
  },
  CONNECT_CLIENT_MISSING: {
    status: 409,
    class: "configuration-mistake",
    retry: "never",
    meaning: "The provider wants to know which application asks: the configuration's oauthClients has none for this connector.",
  },
} as const satisfies ErrorTable;
