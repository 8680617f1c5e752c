import { expect, test } from "vitest";
import { httpError } from "./errors.ts";
import { currentOperation, runInOperation } from "./operation-context.ts";
import type { OperationContext } from "./operation-context.ts";

const context: OperationContext = {
  key: "run:step",
  suspect: false,
  leaseCheck: () => undefined,
  signal: new AbortController().signal,
  deadlineAt: Number.POSITIVE_INFINITY,
};
const waits = httpError("HTTP_CIRCUIT_OPEN", "open", { retry: { afterMs: 7 }, details: { waits: true } });

test("the nth write of a step has the same key in every attempt, across awaits", async () => {
  const attempt = () =>
    runInOperation(context, async () => {
      const first = currentOperation()?.nextKey();
      await Promise.resolve();
      return [first, currentOperation()?.nextKey()];
    });
  expect(await attempt()).toEqual(["run:step:0", "run:step:1"]);
  expect(await attempt()).toEqual(["run:step:0", "run:step:1"]);
  expect(currentOperation()).toBeUndefined();
});

test("an error may wait for free only while no write has left", async () => {
  await expect(runInOperation(context, () => Promise.reject(waits))).rejects.toBe(waits);
  const afterWrite = runInOperation(context, async () => {
    currentOperation()?.beforeWrite();
    throw waits;
  });
  await expect(afterWrite).rejects.toMatchObject({ code: "HTTP_CIRCUIT_OPEN", retry: { afterMs: 7 }, details: { waits: false } });
});

test("an error that says itself that bytes have left waits for free, and its message is known to have begun", async () => {
  const begun = httpError("HTTP_CIRCUIT_OPEN", "open", { retry: { afterMs: 7 }, details: { waits: true, begun: true } });
  const afterWrite = runInOperation(context, async () => {
    currentOperation()?.beforeWrite();
    throw begun;
  });
  await expect(afterWrite).rejects.toBe(begun);
});

test("a write whose lease is lost has not left", async () => {
  const lost = runInOperation(
    {
      ...context,
      leaseCheck: () => {
        throw new Error("lost");
      },
    },
    async () => {
      const operation = currentOperation();
      expect(() => operation?.beforeWrite()).toThrow("lost");
      return operation?.wrote;
    },
  );
  expect(await lost).toBe(false);
});

test("no write leaves after its step has ended", async () => {
  const operation = await runInOperation(context, async () => currentOperation());
  expect(() => operation?.beforeWrite()).toThrow(/await every write/);
  expect(operation?.wrote).toBe(false);
});
