/** What can go wrong with the database itself. */
export const databaseErrors = {
  DB_MIGRATION_FAILED: { retry: "never", meaning: "A migration failed and was rolled back; the cause says which statement." },
} as const;
