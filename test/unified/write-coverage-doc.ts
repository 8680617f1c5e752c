/** `npm run docs:coverage`: writes `docs/coverage.md` from the connectors' mappings. */
import { writeFileSync } from "node:fs";
import { connectors } from "./connectors.ts";
import { coverageDocument } from "./coverage.ts";

writeFileSync(new URL("../../docs/coverage.md", import.meta.url), coverageDocument(connectors));
