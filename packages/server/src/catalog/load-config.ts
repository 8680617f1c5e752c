import { BelayError, type Config, isBelayError } from "@belay/sdk";

/**
 * Imports a `belay.config.ts` and returns its default export.
 *
 * @throws `CATALOG_CONFIG_UNREADABLE` when the file cannot be imported or exports no configuration; errors of definitions pass through.
 */
export async function loadConfig(url: string): Promise<Config> {
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    if (isBelayError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BelayError("CATALOG_CONFIG_UNREADABLE", `${url} could not be imported: ${reason}`, { cause: error });
  }
  const config = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  if (!isConfig(config))
    throw new BelayError("CATALOG_CONFIG_UNREADABLE", `${url} has no configuration: write "export default defineConfig({ … })".`);
  return config;
}

function isConfig(value: unknown): value is Config {
  return (
    typeof value === "object" &&
    value !== null &&
    ["connectors", "flows", "connections"].every((key) => Array.isArray(Reflect.get(value, key)))
  );
}
