import type { ErrorTable } from "@belay/sdk";

/** What can go wrong with the database itself. */
export const databaseErrors = {
  DB_MIGRATION_FAILED: {
    class: "installation",
    retry: "never",
    meaning: "A migration failed and was rolled back; the cause says which statement.",
  },
  DB_EMBEDDED_MISSING: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The embedded database of `belay dev` is a package that is installed apart; the message has the command.",
  },
} as const satisfies ErrorTable;
