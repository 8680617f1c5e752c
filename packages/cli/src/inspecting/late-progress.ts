import { startProgress } from "@belay/testkit/report";
import type { Progress } from "@belay/testkit/report";

const patienceMs = 1_000;

/** Tells a waiting person what is going on, but only from the second second on: what is quick needs no words. */
export function progressWhenSlow(title: string): Progress {
  let shown: Progress | undefined;
  let status = "";
  const timer = setTimeout(() => {
    shown = startProgress(title);
    shown.update(status);
  }, patienceMs);
  const stop = (): void => {
    clearTimeout(timer);
    shown?.stop();
  };
  return {
    update: (next) => {
      status = next;
      shown?.update(next);
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
