import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** A commit's files, beside those that are worked on; removed when disposed of. */
export interface BaseTree extends AsyncDisposable {
  /** The commit, short. */
  readonly commit: string;
  /** Folder of its files, with a slash at the end. */
  readonly root: URL;
  /** Whether its dependencies are the same to the letter. They are those of this tree in any case: comparing programs, not packages. */
  readonly sameDependencies: boolean;
}

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Unpacks a commit into a temporary folder. Not by a git worktree: one that is killed with the benchmark stays on the repository's list.
 *
 * @throws when there is no such commit.
 */
export async function unpackBase(commit: string): Promise<BaseTree> {
  const short = await git("rev-parse", "--short", "--verify", `${commit}^{commit}`);
  const folder = await mkdtemp(join(tmpdir(), "belay-base-"));
  const tree: BaseTree = {
    commit: short,
    root: pathToFileURL(`${folder}/`),
    sameDependencies: (await git("diff", "--name-only", short, "--", "package-lock.json")) === "",
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    const archive = join(folder, "commit.tar");
    await git("archive", "--format=tar", `--output=${archive}`, short);
    await run("tar", ["-xf", archive, "-C", folder]);
    await rm(archive);
    await linkPackages(folder);
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
  return tree;
}

/** Gives the tree the installed packages. Its own are links within the tree: a link to all of `node_modules` would lead to this tree's. */
async function linkPackages(folder: string): Promise<void> {
  const installed = join(repository, "node_modules");
  const linked = join(folder, "node_modules");
  await mkdir(linked);
  for (const name of await readdir(installed)) if (name !== "@belay") await symlink(join(installed, name), join(linked, name));
  await mkdir(join(linked, "@belay"));
  for (const name of await readdir(join(folder, "packages"))) await symlink(`../../packages/${name}`, join(linked, "@belay", name));
}

async function git(...args: readonly string[]): Promise<string> {
  return (await run("git", args, { cwd: repository })).stdout.trim();
}
