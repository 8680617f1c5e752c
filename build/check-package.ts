import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { PackedPackage } from "./stage.ts";

/** What is wrong with a package for those who install it, one sentence each. Packages are ESM only: how CommonJS or older resolution see them is no matter. */
export async function checkPacked(packed: PackedPackage): Promise<string[]> {
  const data = await readFile(packed.tarball);
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return [...checkFiles(packed), ...(await checkManifest(packed, bytes)), ...(await checkTypes(packed, bytes))].map(
    (problem) => `${packed.name}: ${problem}`,
  );
}

function checkFiles({ files }: PackedPackage): string[] {
  const strangers = files.filter((file) => /\.test\.|__fixtures__|(^|\/)node_modules\//.test(file) && !file.startsWith("template/"));
  const sources = files.filter((file) => file.startsWith("dist/") && /(?<!\.d)\.ts$/.test(file));
  return [
    ...strangers.map((file) => `ships ${file}, which is for tests only.`),
    ...sources.map((file) => `ships ${file}, which Node refuses to run within node_modules.`),
  ];
}

async function checkManifest({ manifest }: PackedPackage, tarball: ArrayBuffer): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true, level: "warning" });
  return [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`),
    ...(manifest["license"] === undefined ? ["names no license."] : []),
  ];
}

async function checkTypes(packed: PackedPackage, tarball: ArrayBuffer): Promise<string[]> {
  if (packed.manifest["exports"] === undefined) return [];
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (result.types === false) return ["attw: ships no types."];
  return result.problems
    .filter((problem) => !("resolutionKind" in problem) || problem.resolutionKind === "node16-esm" || problem.resolutionKind === "bundler")
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}
