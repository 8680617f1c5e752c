import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { copyCompiled, root } from "./compile.ts";
import { compiledPath, publishedManifest } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";

/** A package as it would be published. */
export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute path of the `.tgz`. */
  readonly tarball: string;
  /** Size of the tarball, bytes. */
  readonly bytes: number;
  /** Size when installed, bytes. */
  readonly unpackedBytes: number;
  /** Paths within the package. */
  readonly files: readonly string[];
  /** What is published as `package.json`. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

const staged = join(root, "dist/packages");
const tarballs = join(root, "dist/tarballs");
const run = promisify(execFile);

/** Puts every package together as it is published, in `dist/packages`, and packs it into `dist/tarballs`. What was there before is gone. */
export async function packAll(): Promise<PackedPackage[]> {
  await rm(staged, { recursive: true, force: true });
  await rm(tarballs, { recursive: true, force: true });
  await mkdir(tarballs, { recursive: true });
  const packed: PackedPackage[] = [];
  for (const file of globSync("{packages,connectors}/*/package.json", { cwd: root }).toSorted()) packed.push(await pack(dirname(file)));
  return packed;
}

async function pack(folder: string): Promise<PackedPackage> {
  const source = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as Manifest;
  const target = join(staged, source.name);
  const sources = existsSync(join(root, folder, "src")) ? join(folder, "src") : folder;
  await copyCompiled(sources, join(target, "dist"));
  const manifest = publishedManifest(source);
  await writeFile(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(root, "LICENSE"), join(target, "LICENSE"));
  await writeFile(join(target, "README.md"), await readMe(folder, source));
  for (const extra of source.files ?? []) await cp(join(root, folder, extra), join(target, extra), { recursive: true });
  // npm does it when it installs, but not when the folder is linked.
  for (const path of Object.values(source.bin ?? {})) await chmod(join(target, compiledPath(path, ".js")), 0o755);
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", tarballs], { cwd: target, maxBuffer: 16 << 20 });
  // npm 11 answers with a list, later ones with an object by name.
  const [result] = Object.values(JSON.parse(stdout) as object) as {
    filename: string;
    size: number;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  if (result === undefined) throw new Error(`npm pack said nothing about ${source.name}.`);
  return {
    name: source.name,
    version: source.version,
    tarball: join(tarballs, result.filename),
    bytes: result.size,
    unpackedBytes: result.unpackedSize,
    files: result.files.map(({ path }) => path),
    manifest,
  };
}

async function readMe(folder: string, { name, description }: Manifest): Promise<string> {
  const own = join(root, folder, "README.md");
  if (existsSync(own)) return await readFile(own, "utf8");
  return `# ${name}\n\n${description ?? "A connector of Belay."}\n\nPart of Belay, an open integration platform in TypeScript.\n`;
}
