/** `npm run docs:errors`: writes the table of `docs/errors.md`, the classes of `docs/failures.md` and the types of `docs/taxonomy.md` from the declarations in the source. */
import { readFileSync, writeFileSync } from "node:fs";
import { errorTable } from "./error-codes.ts";
import { failuresDocument } from "./failures-doc.ts";
import { readSources } from "./sources.ts";
import { taxonomyTable } from "./taxonomy-doc.ts";

write("errors.md", "| code |", errorTable(readSources()));
write("taxonomy.md", "| type |", taxonomyTable());
write("failures.md", "## At a glance", failuresDocument());

/** Writes `text` from where `beginning` stands, else at the end. */
function write(name: string, beginning: string, text: string): void {
  const file = new URL(`../../docs/${name}`, import.meta.url);
  const before = readFileSync(file, "utf8");
  const start = before.indexOf(beginning);
  writeFileSync(file, `${start === -1 ? before : before.slice(0, start)}${text}`);
}
