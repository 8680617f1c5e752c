/**
 * Loaded before everything else (`--import`) into a process of the harness that is to find a planted bug (`CHAOS_KERNEL_PLANT`): puts it into the product's
 * sources while they are loaded.
 *
 * @module
 */
import { registerHooks } from "node:module";
import { applyTransforms, type Transform } from "../crash/transforms.ts";
import { syncPlants } from "../sync/plants.ts";
import { twoWayPlants } from "../two-way/plants.ts";
import { kernelPlants } from "./plants.ts";

const name = process.env["CHAOS_KERNEL_PLANT"] ?? "";
const plants: Readonly<Record<string, { readonly transforms: readonly Transform[] }>> = { ...kernelPlants, ...syncPlants, ...twoWayPlants };
const transforms = plants[name]?.transforms;
if (transforms === undefined) throw new Error(`There is no bug "${name}" to plant.`);
const packages = new URL("../../../packages/", import.meta.url).href;
const files = new Set<string>(transforms.map(({ file }) => packages + file));

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (!files.has(url)) return loaded;
    const { source } = loaded;
    if (source === undefined || source === null) throw new Error(`${url} was loaded without its source.`);
    const text = typeof source === "string" ? source : new TextDecoder().decode(source);
    return { ...loaded, source: applyTransforms(url.slice(packages.length), text, transforms) };
  },
});
