import { isDeepStrictEqual } from "node:util";
import { isBelayError } from "@belay/sdk";

/** What a run has found out. */
export interface Promises {
  readonly violations: string[];
  /** How many were kept. */
  kept: number;
  /** Notes a promise, in a sentence, as kept or broken. */
  check(promise: string, isKept: boolean): void;
  equal(promise: string, actual: unknown, expected: unknown): void;
  /** The promise is that `call` throws an error with this code. */
  refused(promise: string, call: () => Promise<unknown>, code: string): Promise<void>;
}

export function openPromises(): Promises {
  const violations: string[] = [];
  const promises: Promises = {
    violations,
    kept: 0,
    check(promise, isKept) {
      if (isKept) promises.kept += 1;
      else violations.push(promise);
    },
    equal(promise, actual, expected) {
      const isKept = isDeepStrictEqual(actual, expected);
      promises.check(isKept ? promise : `${promise}: found ${shorten(actual)}, expected ${shorten(expected)}`, isKept);
    },
    async refused(promise, call, code) {
      const found = await call().then(
        () => "no error",
        (error: unknown) => (isBelayError(error) ? error.code : String(error)),
      );
      promises.check(found === code ? promise : `${promise}: found ${found}, expected ${code}`, found === code);
    },
  };
  return promises;
}

function shorten(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? "nothing";
}
