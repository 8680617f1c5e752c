import type { ErrorTable } from "@belay/sdk";

/** Why somebody is kept out. What is not there, and what is somebody else's, is `API_NOT_FOUND` alike. */
export const accessErrors = {
  ACCESS_DENIED: {
    status: 403,
    class: "request-mistake",
    retry: "never",
    meaning: "The role or the key of the request does not have the permission that the route needs.",
  },
  ACCESS_ROUTE_OPEN: {
    status: 500,
    class: "configuration-mistake",
    retry: "never",
    meaning: "A route does not say who may call it, or not of which tenant it tells; the server does not start with it.",
  },
} as const satisfies ErrorTable;
