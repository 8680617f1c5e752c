import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Where in the project an error comes from: `flows/orders.ts:12`. Looks through the error and its causes for the first file below `folder` that is not an installed
 * package; undefined where there is none.
 */
export function placeOfError(error: unknown, folder: string): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    for (const [, url = "", path = "", line = ""] of (current.stack ?? "").matchAll(
      /(?:(file:\/\/[^\s():?]+)(?:\?[^\s():]*)?|(\/[^\s():?]+)):(\d+)/g,
    )) {
      const file = relative(folder, url === "" ? path : fileURLToPath(url));
      if (!file.startsWith("..") && !file.includes("node_modules")) return `${file}:${line}`;
    }
  }
  return undefined;
}
