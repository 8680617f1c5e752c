import type { ErrorTable } from "../errors/failure-classes.ts";

/** Why a body cannot be read or written. Inside a call they come as the `cause` of the client's own error. */
export const formatErrors = {
  FORMAT_UNREADABLE: {
    class: "answer-drift",
    retry: "never",
    meaning: "A body is not what its format says: malformed, in another character encoding, nested too deeply, or with a DOCTYPE.",
  },
  FORMAT_UNWRITABLE: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A value cannot be written in the format: an object in a CSV cell, an XML body without one root, a control character.",
  },
  FORMAT_TYPE_UNEXPECTED: {
    class: "answer-drift",
    retry: "never",
    meaning: "A body is of another media type than the connector declares, such as a document or an HTML page; the message names both.",
  },
} as const satisfies ErrorTable;
