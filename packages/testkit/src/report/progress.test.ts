import { expect, test } from "vitest";
import { startProgress } from "./progress.ts";

/** A display with a timer that ticks when told. */
function openDisplay(isTTY: boolean) {
  const written: string[] = [];
  let periodMs = 0;
  let work: (() => void) | undefined;
  return {
    written,
    tick: () => work?.(),
    get periodMs() {
      return work === undefined ? undefined : periodMs;
    },
    ports: {
      output: { isTTY, columns: 20, write: (text: string) => written.push(text) },
      every: (ms: number, callback: () => void) => {
        periodMs = ms;
        work = callback;
        return () => {
          work = undefined;
        };
      },
    },
  };
}

test("on a terminal one line is redrawn and never wraps", () => {
  const display = openDisplay(true);
  const progress = startProgress("sending", display.ports);
  progress.update("1 of 2, and much more text than fits");
  display.tick();
  progress.stop();
  expect(display.written).toEqual(["\r\u001B[Ksending", "\r\u001B[Ksending: 1 of 2, an", "\n"]);
});

test("in a log it is a plain line every 2 s, and only when something changed", () => {
  const display = openDisplay(false);
  const progress = startProgress("sending", display.ports);
  expect(display.periodMs).toBe(2_000);
  progress.update("1 of 2");
  progress.update("2 of 2");
  display.tick();
  display.tick();
  expect(display.written).toEqual(["sending\n", "sending: 2 of 2\n"]);
});

test("stopping shows the last status once and ends the timer", () => {
  const display = openDisplay(false);
  {
    using progress = startProgress("sending", display.ports);
    progress.update("done");
    progress.stop();
  }
  expect(display.written).toEqual(["sending\n", "sending: done\n"]);
  expect(display.periodMs).toBeUndefined();
});
