import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/**
 * Endpoints of providers out of the catalogue of the package `grant`. Only its data is used: the package itself would bring what the SDK
 * has no use for. Those with OAuth 1.0a are left out, as are entries without both endpoints.
 *
 * @see https://github.com/simov/grant, MIT License, copyright (c) 2014-present, Simeon Velichkov
 */
export async function writeProviders(): Promise<string> {
  const file = createRequire(import.meta.url).resolve("grant/config/oauth.json");
  const catalogue = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const rows = Object.entries(catalogue).flatMap(([name, entry]) => {
    const { oauth, authorize_url: authorize, access_url: access, scope_delimiter: separator = "," } = entry;
    if (oauth !== 2 || typeof authorize !== "string" || typeof access !== "string") return [];
    const parts = [authorize, access].map((url) => url.replaceAll(/\[(\w+)\]/g, "{$1}").replace(/^(https:\/\/[^/]+)$/, "$1/"));
    // A space is what the RFC says.
    return [`  ${JSON.stringify(name)}: ${JSON.stringify([...parts, ...(separator === " " ? [] : [separator])])},`];
  });
  return [
    "/* Written by `npm run docs:providers` out of the catalogue of the package grant, https://github.com/simov/grant:",
    " * MIT License, copyright (c) 2014-present, Simeon Velichkov. */",
    "",
    "/** Authorization endpoint, token endpoint, and what stands between scopes where it is no space. */",
    "export const providers = {",
    ...rows,
    "} as const satisfies Readonly<Record<string, readonly [string, string, string?]>>;",
    "",
  ].join("\n");
}

/** Where it is written to, from the root of the repository. */
export const providersFile = "packages/sdk/src/oauth2/providers.generated.ts";
