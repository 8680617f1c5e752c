/** `npm run docs:errors`: writes the table of `docs/errors.md` from the declarations in the source. */
import { readFileSync, writeFileSync } from "node:fs";
import { errorTable } from "./error-codes.ts";
import { readSources } from "./sources.ts";

const file = new URL("../../docs/errors.md", import.meta.url);
const before = readFileSync(file, "utf8");
const start = before.indexOf("| code |");
writeFileSync(file, `${start === -1 ? before : before.slice(0, start)}${errorTable(readSources())}`);
