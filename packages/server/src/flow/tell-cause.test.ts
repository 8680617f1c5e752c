import { expect, test } from "vitest";
import { tellCause } from "./tell-cause.ts";

test("what a flow wrote into the error that ended its thread is not told, but where and of what kind it was", () => {
  const error = new TypeError("token s3cret\n    at s3cret (of another line)");
  const told = tellCause(error);
  expect(told.name).toBe("TypeError");
  expect(told.frames[0]).toContain("tell-cause.test.ts");
  expect(JSON.stringify([told, tellCause("s3cret"), tellCause(Object.assign(new Error("x"), { code: "s3cret" }))])).not.toContain("s3cret");
});

test("an error of Node's own is told as it is", () => {
  const error = Object.assign(new Error("out of memory"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
  expect(tellCause(error)).toMatchObject({ name: "Error", code: "ERR_WORKER_OUT_OF_MEMORY", message: "out of memory" });
});
