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
  ACCESS_FORGED: {
    status: 403,
    class: "request-mistake",
    retry: "never",
    meaning:
      "The request came with a cookie but not from a page of this server, or without the X-Anti-Forgery header that GET /v1/session gives.",
  },
  ACCESS_SIGN_IN_REFUSED: {
    status: 401,
    class: "request-mistake",
    retry: "never",
    meaning: "Name or password is wrong, or this account may not sign in.",
  },
  ACCESS_SIGN_IN_THROTTLED: {
    status: 429,
    class: "request-mistake",
    retry: "backoff",
    meaning: "There were too many attempts to sign in; wait a minute before the next.",
  },
  ACCESS_SET_UP_OVER: {
    status: 403,
    class: "request-mistake",
    retry: "never",
    meaning: "The set-up link is wrong, or it was used already: there has been an operator before.",
  },
  ACCESS_PASSWORD_WEAK: {
    status: 400,
    class: "request-mistake",
    retry: "never",
    meaning: "The first administrator needs a name and a password of at least 12 characters.",
  },
  ACCESS_PROVIDER_FAILED: {
    status: 502,
    class: "installation",
    retry: "backoff",
    meaning: "The identity provider did not confirm the sign-in: it is away, the configuration is wrong, or the attempt is too old.",
  },
  ACCESS_ROLE_MISSING: {
    status: 403,
    class: "request-mistake",
    retry: "never",
    meaning: "The identity provider knows this person, but none of their groups is given a role here.",
  },
} as const satisfies ErrorTable;
