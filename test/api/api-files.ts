import { buildDocument } from "./build-document.ts";
import { writeClientTypes } from "./client-types.ts";
import type { ApiDocument } from "./document-types.ts";
import { writeReferencePage } from "./reference-page.ts";

/** What is generated from the API's routes, by file below the root of the repository. */
export async function apiFiles(): Promise<Readonly<Record<string, string>>> {
  // Ours: the server has just made it, and the validator of the test has the last word on it.
  const document = (await buildDocument()) as ApiDocument;
  return {
    "docs/api/openapi.json": `${JSON.stringify(document, undefined, 2)}\n`,
    "docs/api/README.md": writeReferencePage(document),
    "packages/sdk/src/client/api.generated.ts": writeClientTypes(document),
  };
}
