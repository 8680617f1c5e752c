import { expect, test } from "vitest";
import { ManualClock } from "../__fixtures__/manual-clock.ts";
import { httpError } from "../errors.ts";
import { writeOnce } from "./write-once.ts";

const readBack = { kind: "readBack", readBack: { by: "externalId", lag: "3s" } } as const;

/** A write whose first attempt ends with `cause`, at a provider that commits it all the same `commitsAfterMs` later. */
async function run(cause: "HTTP_TIMEOUT" | "HTTP_CONNECTION_LOST", commitsAfterMs: number) {
  const clock = new ManualClock(Number.POSITIVE_INFINITY);
  const commitsAt = clock.now() + commitsAfterMs;
  const calls: string[] = [];
  const result = await writeOnce(
    { clock, attemptTimeoutMs: 10_000, callTimeoutMs: 30_000 },
    {
      label: "desk.ticket.create",
      safety: readBack,
      step: undefined,
      lookBack: async () => {
        calls.push("look");
        return clock.now() >= commitsAt ? "found" : undefined;
      },
      transmit: async () => {
        calls.push("send");
        if (calls.length > 1) return "sent again";
        throw httpError("HTTP_OUTCOME_UNKNOWN", "", { cause: httpError(cause, "", { details: { sent: true } }) });
      },
    },
  );
  return { result, calls, slept: clock.slept };
}

test("a write that the provider ends after our time-out is given as long again before it is repeated", async () => {
  expect(await run("HTTP_TIMEOUT", 13_000)).toEqual({ result: "found", calls: ["send", "look", "look"], slept: [3_000, 10_000] });
  expect(await run("HTTP_TIMEOUT", 60_000)).toMatchObject({ result: "sent again", calls: ["send", "look", "look", "send"] });
});

test("a broken connection needs one look only", async () => {
  expect(await run("HTTP_CONNECTION_LOST", 60_000)).toEqual({ result: "sent again", calls: ["send", "look", "send"], slept: [3_000] });
});
