/** `npm run docs:attributes`: writes the table of `docs/guide/telemetry.md` from the declarations in the source. */
import { readFileSync, writeFileSync } from "node:fs";
import { withAttributes } from "./attributes-doc.ts";

const file = new URL("../../docs/guide/telemetry.md", import.meta.url);
writeFileSync(file, withAttributes(readFileSync(file, "utf8")));
