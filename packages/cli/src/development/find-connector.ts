import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BelayError } from "@belay/sdk";
import type { Config, ConnectorDefinition } from "@belay/sdk";

export interface Places {
  readonly folder: string;
  /** The configuration there, if any. A connector of it is found by its id. */
  readonly config: () => Promise<Config | undefined>;
}

/**
 * Finds a connector by what a person types: the path of its folder or file, the id of one of the configuration's, the name of a folder in
 * `connectors/`, or a package, also without `@belay/connector-` before it.
 *
 * @throws `CLI_CONNECTOR_UNKNOWN` naming those that are there.
 */
export async function findConnector(name: string, { folder, config }: Places): Promise<ConnectorDefinition> {
  const path = resolve(folder, name);
  if (existsSync(path)) return importConnector(path, name);
  const configured = (await config())?.connectors ?? [];
  const own = configured.find(({ id }) => id === name);
  if (own !== undefined) return own;
  const place = join(folder, "connectors", name);
  if (existsSync(place)) return importConnector(place, name);
  const installed = resolvePackage(folder, `@belay/connector-${name}`) ?? resolvePackage(folder, name);
  if (installed !== undefined) return importConnector(installed, name);
  const available = [...new Set([...configured.map(({ id }) => id), ...findNames(folder)])].toSorted();
  const known =
    available.length === 0
      ? "None was found here; name the folder of one."
      : `Available here: ${available.join(", ")}. Or name its folder.`;
  throw new BelayError("CLI_CONNECTOR_UNKNOWN", `There is no connector "${name}". ${known}`);
}

async function importConnector(path: string, name: string): Promise<ConnectorDefinition> {
  const file = entryOf(path);
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BelayError("CLI_CONNECTOR_UNKNOWN", `${file} could not be imported: ${reason}`, { cause: error });
  }
  const connectors = Object.values(Object(module) as object).filter(isConnector);
  const [first] = connectors;
  const wanted = connectors.find(({ id }) => id === basename(name).replace(/\.[cm]?[jt]s$/, "")) ?? first;
  if (wanted === undefined) {
    throw new BelayError("CLI_CONNECTOR_UNKNOWN", `${file} exports no connector: write "export const name = defineConnector({ … })".`);
  }
  return wanted;
}

/** The file that an import of a folder means: what its package.json exports, or its index. */
function entryOf(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const manifest = join(path, "package.json");
  if (existsSync(manifest)) {
    const { exports }: { exports?: unknown } = JSON.parse(readFileSync(manifest, "utf8")) as { exports?: unknown };
    const main = importedFile(typeof exports === "object" && exports !== null ? (Reflect.get(exports, ".") ?? exports) : exports);
    if (main !== undefined) return join(path, main);
  }
  const index = ["index.ts", "index.js"].map((file) => join(path, file)).find((file) => existsSync(file));
  if (index === undefined)
    throw new BelayError("CLI_CONNECTOR_UNKNOWN", `${path} is no connector: it has neither a package.json with exports nor an index.ts.`);
  return index;
}

/** The file that an import gets: of several conditions the first that holds for one. @see https://nodejs.org/api/packages.html#conditional-exports */
function importedFile(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  const holding = Object.entries(target).filter(([condition]) => ["node", "import", "default"].includes(condition));
  return holding.map(([, inner]) => importedFile(inner)).find((file) => file !== undefined);
}

/** The folder of an installed package, looked for as Node does: here and in every folder above. */
function resolvePackage(folder: string, name: string): string | undefined {
  if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(name)) return undefined;
  for (let at = resolve(folder); ; at = dirname(at)) {
    const place = join(at, "node_modules", name);
    if (existsSync(join(place, "package.json"))) return place;
    if (dirname(at) === at) return undefined;
  }
}

function findNames(folder: string): readonly string[] {
  return [
    ...globSync("connectors/*/", { cwd: folder }).map((path) => basename(path)),
    ...globSync("node_modules/@belay/connector-*", { cwd: folder }).map((path) => basename(path).replace(/^connector-/, "")),
  ];
}

function isConnector(value: unknown): value is ConnectorDefinition {
  if (typeof value !== "object" || value === null) return false;
  const has = (name: string, type: string): boolean => typeof Reflect.get(value, name) === type;
  return has("id", "string") && has("baseUrl", "string") && has("auth", "object") && has("resources", "object");
}
