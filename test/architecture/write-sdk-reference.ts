import { mkdirSync, writeFileSync } from "node:fs";
import { sdkReference } from "./sdk-reference.ts";

/* `npm run docs:sdk` */

mkdirSync(new URL("../../docs/reference/", import.meta.url), { recursive: true });
writeFileSync(new URL("../../docs/reference/sdk.md", import.meta.url), sdkReference());
