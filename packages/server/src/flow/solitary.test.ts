import { expect, test } from "vitest";
import type { Message } from "../mailbox/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { Solitary } from "./solitary.ts";
import { Suspicion } from "./suspicion.ts";

const messageOf = (id: number, flow: string): Message => ({ tenant: "acme", id, flow }) as Message;

test("of those that were there when a thread ended, the last to begin runs alone first; when it is convicted, the others go free at once", async () => {
  const suspicion = new Suspicion();
  const solitary = new Solitary(systemClock);
  const incident = {};
  const messages = [messageOf(1, "good"), messageOf(2, "good"), messageOf(3, "bad"), messageOf(4, "good")];
  for (const message of messages) suspicion.accuse(message, incident);
  const log: string[] = [];
  await Promise.all(
    messages.map((message) =>
      solitary.run({
        standing: () => suspicion.of(message, 0),
        alone: async () => {
          log.push(`${message.id} alone`);
          await Promise.resolve();
          if (message.flow === "bad") suspicion.convict(message, 0);
          else suspicion.acquit(message);
          return { result: undefined, threadEnded: message.flow === "bad" };
        },
        free: async () => void log.push(`${message.id} with the others`),
      }),
    ),
  );
  // The first to arrive finds nobody else in the queue.
  expect(log).toEqual(["1 alone", "4 alone", "3 alone", "2 with the others"]);
  expect(suspicion.of(messageOf(5, "bad"), 0)).toEqual({ kind: "convicted" });
  expect(suspicion.of(messageOf(5, "bad"), 600_001)).toEqual({ kind: "free" });
  expect(suspicion.of(messages[1]!, 0)).toEqual({ kind: "free" });
});

test("those accused of something else stay accused", () => {
  const suspicion = new Suspicion();
  suspicion.accuse(messageOf(1, "bad"), { first: true });
  suspicion.accuse(messageOf(2, "good"), { second: true });
  suspicion.convict(messageOf(1, "bad"), 0);
  expect(suspicion.of(messageOf(2, "good"), 0)).toMatchObject({ kind: "accused" });
});

test("the convicted run after the accused, and rest when they ended the thread", async () => {
  const slept: number[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      slept.push(ms);
      now += ms;
    },
  };
  const solitary = new Solitary(clock);
  const log: string[] = [];
  const inmate = (name: string, kind: "accused" | "convicted") => ({
    standing: () => (kind === "accused" ? { kind, rank: 1 } : { kind }),
    alone: async () => {
      log.push(name);
      now += 10;
      return { result: undefined, threadEnded: kind === "convicted" };
    },
    free: async () => {},
  });
  await Promise.all([
    solitary.run(inmate("first", "convicted")),
    solitary.run(inmate("second", "convicted")),
    solitary.run(inmate("accused", "accused")),
  ]);
  expect(log).toEqual(["first", "accused", "second"]);
  expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(80);
});
