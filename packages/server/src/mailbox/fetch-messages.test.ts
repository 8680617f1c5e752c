import { expect, test } from "vitest";
import { runReadable } from "./fetch-messages.ts";
import type { LeasedRunner } from "./runner.ts";
import type { Message } from "./types.ts";

const message = { id: 1, flow: "people" } as Message;
const runner = (given: string[]): LeasedRunner => ({
  run: () => Promise.reject(new Error("It cannot be read.")),
  giveUp: async (_message, code) => void given.push(code),
  extend: () => {},
  revoke: () => {},
  close: () => {},
});

test("a message that can never be read is given up, and whoever runs messages is told", async () => {
  const given: string[] = [];
  const unreadable = { code: "VAULT_KEYS_DESTROYED", error: "The contents are gone." };
  expect(await runReadable(runner(given), { ...message, unreadable })).toEqual({ kind: "dead", ...unreadable });
  expect(given).toEqual(["VAULT_KEYS_DESTROYED"]);
});

test("a message whose key may come waits for it", async () => {
  const given: string[] = [];
  const unreadable = { code: "VAULT_MASTER_KEY_MISSING", error: "It may come." };
  expect(await runReadable(runner(given), { ...message, unreadable })).toMatchObject({ kind: "wait", why: "VAULT_MASTER_KEY_MISSING" });
  expect(given).toEqual([]);
});
