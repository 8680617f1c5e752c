/**
 * Compiles and packs what is published: `npm run build`. Writes `dist/packages` (folders as npm installs them) and `dist/tarballs`, and ends with 1 when a
 * package would not work for those who install it.
 *
 * @module
 */
import { parseCommandOptions, printReport, startProgress } from "@belay/testkit/report";
import { checkPacked } from "./check-package.ts";
import { compile } from "./compile.ts";
import { packAll } from "./stage.ts";

const options = parseCommandOptions(process.argv.slice(2));
const progress = startProgress("Building");
progress.update("compiling");
await compile();
progress.update("packing");
const packages = await packAll();
const violations: string[] = [];
for (const packed of packages) {
  progress.update(`checking ${packed.name}`);
  violations.push(...(await checkPacked(packed)));
}
progress.stop();
const figures = Object.fromEntries(packages.map(({ name, bytes }) => [`${name} KB`, Math.ceil(bytes / 1_024)]));
process.exitCode = printReport({ figures, violations }, options);
