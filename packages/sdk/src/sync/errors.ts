import type { ErrorTable } from "../errors/failure-classes.ts";

/** What keeps a record from being taken by a sync; it waits with its reason, and the next walk tries it again. */
export const syncRecordErrors = {
  SYNC_MAP_FAILED: {
    class: "flow-mistake",
    retry: "never",
    meaning: "The sync's own code threw at a record. The record waits; once the code is mended the next walk takes it.",
  },
  SYNC_RECORD_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "What the sync's `map` made of a record does not fit the model's schema.",
  },
  SYNC_RECORD_UNNAMED: {
    class: "answer-drift",
    retry: "never",
    meaning:
      "A record of a listing has no id, or one that is empty, too long (512 characters) or holds control codes; it cannot be told from others.",
  },
  SYNC_SOURCE_INVALID: {
    class: "answer-drift",
    retry: "never",
    meaning: "A record of a listing does not fit the resource's schema: the provider has changed it, or the connector is wrong.",
  },
} as const satisfies ErrorTable;
