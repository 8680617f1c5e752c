/** Tells a waiting person what is going on. */
export interface Progress extends Disposable {
  /** What is true now: `"4,200 of 10,000 delivered"`. Cheap: call it as often as you like. */
  update(status: string): void;
  /** Ends the display with the last status. Safe to call twice. */
  stop(): void;
}

/** What the display needs of the outside. */
export interface ProgressPorts {
  /** `process.stderr`, so that standard output holds results only. */
  readonly output: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  /** Calls back until the function it returns is called. */
  readonly every: (ms: number, work: () => void) => () => void;
}

const redrawMs = 100;
const logMs = 2_000;

const machine: ProgressPorts = {
  output: process.stderr,
  every: (ms, work) => {
    // Without unref a command that forgets to stop its progress would never end.
    const timer = setInterval(work, ms).unref();
    return () => clearInterval(timer);
  },
};

/**
 * Shows one line that is redrawn in place on a terminal, or a plain line every 2 s where the output is kept (a log of CI). Goes to
 * standard error, so that `--json` keeps standard output to itself.
 */
export function startProgress(title: string, ports: ProgressPorts = machine): Progress {
  const { output, every } = ports;
  let status = "";
  let shown: string | undefined;
  let stopped = false;

  const show = (): void => {
    const line = status === "" ? title : `${title}: ${status}`;
    if (line === shown) return;
    shown = line;
    // A line that wraps cannot be redrawn by a carriage return.
    output.write(output.isTTY === true ? `\r\u001B[K${line.slice(0, (output.columns ?? 80) - 1)}` : `${line}\n`);
  };

  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    cancel();
    show();
    if (output.isTTY === true) output.write("\n");
  };

  const cancel = every(output.isTTY === true ? redrawMs : logMs, show);
  show();
  return {
    update: (next) => {
      status = next;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
