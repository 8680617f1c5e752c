/**
 * The configuration of the tests of syncs, with another name for the sync.
 *
 * @module
 */
import { defineConfig } from "@belay/sdk";
import config from "./belay.config.ts";

export default defineConfig({ ...config, syncs: (config.syncs ?? []).map((sync) => ({ ...sync, id: "persons" })) });
