import { expect, test } from "vitest";
import { runBelayWith } from "./__fixtures__/run-command.ts";

test("an older Node is told which one is needed, in one sentence and without a stack", async () => {
  const older = encodeURIComponent('Object.defineProperty(process.versions, "node", { value: "20.20.2" });');
  await using belay = runBelayWith({ NODE_OPTIONS: `--import=data:text/javascript,${older}` }, "check");
  const { code, stdout, stderr } = await belay.ended;
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^Belay needs Node 24, and this is Node 20\.20\.2\. [^\n]+\n$/);
});
