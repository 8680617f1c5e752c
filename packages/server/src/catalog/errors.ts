import type { ErrorTable } from "@belay/sdk";

/** Why what is declared cannot run. */
export const catalogErrors = {
  CATALOG_CONFIG_UNREADABLE: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The configuration file could not be imported or exports no configuration.",
  },
  CATALOG_FLOW_UNROUTABLE: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "A tenant has several connections that a flow could write to; keep one.",
  },
} as const satisfies ErrorTable;
