import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * Makes sure that both systems are installed: Parse Server from npm, by the lock file of this folder; Radicale from Debian, by apt where that may be
 * done without asking anybody. Calling it twice installs nothing twice.
 *
 * @throws saying what to install where it cannot be done here.
 */
export function install(): void {
  if (!existsSync(new URL("node_modules/parse-server/package.json", import.meta.url))) run("npm", ["ci", "--no-audit", "--no-fund"]);
  if (isThere("radicale")) return;
  const isRootOnDebian = process.getuid?.() === 0 && isThere("apt-get");
  if (isRootOnDebian) run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "radicale"]);
  if (!isThere("radicale"))
    throw new Error("Radicale is not installed. On Debian and Ubuntu: sudo apt-get install radicale; elsewhere: https://radicale.org");
}

function isThere(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((directory) => existsSync(join(directory, command)));
}

/** What the installers say goes to standard error: standard output is the report's. */
function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: here, stdio: ["ignore", process.stderr, process.stderr], timeout: 600_000 });
}
