import { defineConfig } from "@belay/sdk";

/** What runs here. Loaded by several threads, so it has no side effects. */
export default defineConfig({
  connectors: [],
  flows: [],
  connections: [],
});
