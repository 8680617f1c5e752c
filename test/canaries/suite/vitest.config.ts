import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import usual from "../../../vitest.config.ts";
import { instrument, secretModule } from "./watch-secrets.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The usual suite, in which every secret is written down, and whose databases are kept. */
export default mergeConfig(usual, {
  root,
  plugins: [
    {
      name: "watch-secrets",
      enforce: "pre",
      transform: (source: string, id: string) => (secretModule.test(id) ? { code: instrument(source), map: null } : undefined),
    },
  ],
  test: { globalSetup: ["test/canaries/suite/dump-databases.ts"] },
});
