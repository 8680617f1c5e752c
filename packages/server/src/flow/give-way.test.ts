import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

const code = `
  import { readlinkSync } from "node:fs";
  import { getPriority } from "node:os";
  import { parentPort } from "node:worker_threads";
  import { giveWay } from ${JSON.stringify(new URL("./give-way.ts", import.meta.url).href)};
  giveWay();
  parentPort.postMessage(getPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1))));
`;

test.runIf(process.platform === "linux")("a thread that gives way has a low priority, and its process keeps its own", async () => {
  const before = getPriority();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const priority = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  await worker.terminate();
  expect(priority).toBe(15);
  expect(getPriority()).toBe(before);
});
