import { writeFile } from "node:fs/promises";
import { providersFile, writeProviders } from "./providers.ts";

await writeFile(providersFile, await writeProviders());
