import type { ErrorTable } from "./failure-classes.ts";

/** Mistakes in what an integration author declares. They show when the definition is made, before anything runs. */
export const definitionErrors = {
  SDK_CONFIG_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "An entry of the configuration is missing, doubled or does not fit the others.",
  },
  SDK_CONNECTOR_INVALID: {
    class: "connector-mistake",
    retry: "never",
    meaning: "A field of a connector's definition is wrong; the message names it and says what to write.",
  },
  SDK_EVENTS_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "A type of the host application's events is not named as types are; the message says how.",
  },
  SDK_FLOW_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A field of a flow's definition is wrong; the message names it and says what to write.",
  },
  SDK_SYNC_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A field of a sync's definition is wrong; the message names it and says what to write.",
  },
  SDK_BATCH_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A field of a batch's definition is wrong; the message names it and says what to write.",
  },
  SDK_VIEW_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "A field of a view's definition is wrong; the message names it and says what to write.",
  },
  SDK_BATCH_PAGE_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "The source of a batch gave something that is no page, or too many items at once.",
  },
  SDK_BATCH_ITEM_MALFORMED: {
    class: "record-refused",
    retry: "never",
    meaning: "A line or record of the set that a batch works through cannot be read; the others are not concerned.",
  },
  SDK_BATCH_LISTING_BROKEN: {
    class: "answer-drift",
    retry: "backoff",
    meaning: "The listing that a batch reads leads nowhere, or cannot be joined to what was read; the page is read again.",
  },
  SDK_DURATION_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: 'A duration is not a number and a unit, such as "10s" or "2h".',
  },
  SDK_WEBHOOK_SCHEME_INVALID: {
    class: "connector-mistake",
    retry: "never",
    meaning: "A webhook scheme was declared with an option that no provider can mean.",
  },
  SDK_WEBHOOK_SECRET_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "A webhook secret is empty or not written as its scheme needs it.",
  },
} as const satisfies ErrorTable;
