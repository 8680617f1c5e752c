/** Writes `packages/server/src/db/schema.sql` anew: `npm run docs:schema`. */
import { writeFileSync } from "node:fs";
import { migrate, openDatabase } from "../../packages/server/src/db/index.ts";
import { describeSchema } from "./describe-schema.ts";

await using database = openDatabase({ kind: "pglite" });
await migrate(database.db);
writeFileSync(new URL("../../packages/server/src/db/schema.sql", import.meta.url), await describeSchema(database.db));
