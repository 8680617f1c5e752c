import { mkdirSync, writeFileSync } from "node:fs";
import { apiFiles } from "./api-files.ts";

for (const [path, text] of Object.entries(await apiFiles())) {
  const file = new URL(`../../${path}`, import.meta.url);
  mkdirSync(new URL("./", file), { recursive: true });
  writeFileSync(file, text);
}
