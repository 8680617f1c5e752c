import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,connectors,examples,bench,build,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "packages/create-belay/template/**"],
    globalSetup: ["test/setup/postgres.ts", "test/setup/property-seed.ts"],
    setupFiles: ["test/setup/properties.ts"],
    // Processes, not threads: some tests load worker threads or a WebAssembly database, which must not share a process with others.
    pool: "forks",
    maxWorkers: Math.min(4, availableParallelism()),
    // Only to end what hangs: two embedded databases boot in 4 s here, in 20 on a machine with ten other things to do, and in 60 where those come first.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
