import type { PGlite, PGliteOptions } from "@electric-sql/pglite";
import { BelayError } from "@belay/sdk";

/** The newest version that is tested; `package.json` names it as an optional peer. */
const tested = "0.5.16";

/**
 * Starts the embedded database when it is first asked for. It is a package of its own that who runs on Postgres need not install: 27 MB, and a second to
 * start. The first call decides; later ones get the same database.
 *
 * @throws `DB_EMBEDDED_MISSING` when the package is not installed.
 */
export function openEmbedded(directory: string | undefined): () => Promise<PGlite> {
  let opened: Promise<PGlite> | undefined;
  return () => (opened ??= startEmbedded(directory));
}

async function startEmbedded(directory: string | undefined): Promise<PGlite> {
  const create = await importPglite();
  return await create(directory === undefined ? {} : { dataDir: directory });
}

async function importPglite(): Promise<(options: PGliteOptions) => Promise<PGlite>> {
  try {
    const { PGlite: Embedded } = await import("@electric-sql/pglite");
    return async (options) => await Embedded.create(options);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new BelayError(
      "DB_EMBEDDED_MISSING",
      `The embedded database is not installed: npm install --save-dev --save-exact @electric-sql/pglite@${tested}`,
      { cause },
    );
  }
}
