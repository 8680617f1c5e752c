import type { ErrorTable } from "../errors/failure-classes.ts";

/** What the client of Belay's API throws besides the codes that the API answers with. */
export const apiClientErrors = {
  API_UNREACHABLE: {
    class: "installation",
    retry: "backoff",
    meaning: "Belay's API did not answer: it does not run, is not reachable at this URL, or took too long.",
  },
  API_ANSWER_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "What answered at this URL is not Belay's API, or a newer one.",
  },
} as const satisfies ErrorTable;
