import type { ErrorTable } from "@belay/sdk";

/** Why Belay refuses a proxied call before it asks the provider. What comes of asking has the codes of the pipeline. */
export const proxyErrors = {
  PROXY_PATH_INVALID: {
    status: 400,
    class: "request-mistake",
    retry: "never",
    meaning:
      "The path could lead elsewhere than below the connection's address: a dot segment, an encoded slash beside one, a backslash, two slashes at its beginning.",
  },
  PROXY_REQUEST_TOO_LARGE: {
    status: 413,
    class: "request-mistake",
    retry: "never",
    meaning: "The request's body is larger than the proxy takes. Send less, or have the limit raised.",
  },
} as const satisfies ErrorTable;
