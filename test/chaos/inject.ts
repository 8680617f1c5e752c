/**
 * Loaded before everything else (`--import`) into the processes of Belay that the harness starts, and into their threads. Puts the fail points, and
 * a planted bug if there is one (`CHAOS_PLANT`), under a condition (`CHAOS_CONDITION`), into the product's sources while they are loaded, and gives the fail points their meaning.
 *
 * @module
 */
import { registerHooks } from "node:module";
import { BroadcastChannel, isMainThread } from "node:worker_threads";
import { type FailPoint, failPointTransforms } from "./crash/fail-points.ts";
import { conditions, isPlant, plants } from "./crash/plants.ts";
import type { Armed, ChildMessage, Claimed, ParentMessage } from "./crash/protocol.ts";
import { applyTransforms, type Transform } from "./crash/transforms.ts";

const plant = process.env["CHAOS_PLANT"] ?? "";
// Bugs first: a fail point stays where it is around them.
const condition = process.env["CHAOS_CONDITION"] ?? "";
const transforms: readonly Transform[] = [
  ...(isPlant(plant) ? plants[plant].transforms : []),
  ...(condition === "failing-commits" ? conditions[condition] : []),
  ...failPointTransforms,
];
const packages = new URL("../../packages/", import.meta.url).href;
const files = new Set(transforms.map(({ file }) => packages + file));

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

let armed: Armed | undefined;
const threads = new BroadcastChannel("belay-chaos");
threads.unref();
threads.onmessage = (event) => {
  armed = (event as { readonly data: Armed | null }).data ?? undefined;
};
if (isMainThread) {
  // Here and not in the entry: the harness may go while the entry is still being loaded.
  process.once("disconnect", () => process.exit(0));
  process.on("message", (message: ParentMessage) => {
    if (!("arm" in message)) return;
    armed = message.arm ?? undefined;
    threads.postMessage(message.arm);
  });
}

const runtime = {
  /** Dies here if it was told to; the kill is the process's last deed, so nothing after this line happens. */
  hit(point: FailPoint): void {
    if (armed === undefined || armed.point === "stop" || armed.point !== point) return;
    armed = { point, hits: armed.hits - 1 };
    if (armed.hits > 0) return;
    process.kill(process.pid, "SIGKILL");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  /** The same, and now and then a pause, so that statements of others come in between. */
  async pause(point?: FailPoint): Promise<void> {
    if (point !== undefined) runtime.hit(point);
    if (Math.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, Math.random() * 25));
  },
  /** Tells the harness which mailboxes this process has leased, so that it knows what a killed one held. */
  async claimed(leases: readonly Claimed[]): Promise<void> {
    if (leases.length === 0) return;
    const claimed = leases.map(({ tenant, mailbox, token }) => ({ tenant, mailbox, token }));
    const sent = say({ claimed });
    if (armed?.point === "after-claim") await sent;
    runtime.hit("after-claim");
  },
  /** A process that stops here goes on, as a zombie, with messages which others have finished meanwhile. */
  async fetched(messages: readonly { readonly flow: string }[]): Promise<void> {
    if (armed?.point === "stop" && messages.some(({ flow }) => flow === "to-registry")) {
      armed = undefined;
      await say({ stopped: true });
      process.kill(process.pid, "SIGSTOP");
    }
    runtime.hit("after-fetch");
  },
};
Reflect.set(globalThis, "belayChaos", runtime);

/** Resolves when it is on its way and would survive the end of this process. */
function say(message: ChildMessage): Promise<unknown> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, resolve));
}
