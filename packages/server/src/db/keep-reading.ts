import { listenOn } from "./listen.ts";

export interface ReadingParts {
  /** Of the database; without one, an embedded database is of this process alone, and nobody else notifies. */
  readonly url: string | undefined;
  /** What `pg_notify` names. */
  readonly channel: string;
  /** What the connection is called in `pg_stat_activity`. */
  readonly name: string;
  /** Rings when there may be something new. */
  readonly noticed: { ring(): void; sleep(ms: number): Promise<unknown> };
  /** Waits before another attempt to listen; must end early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly pollMs: number;
  readonly read: () => Promise<unknown>;
  readonly onListenTrouble: (error: unknown, failures: number) => void;
  readonly onReadTrouble: (error: unknown) => void;
}

/** Reads again at once when another process notifies, and every `pollMs` what it notified in vain. A reading that fails is told, and done again. */
export function keepReading(parts: ReadingParts): { close(): Promise<void> } {
  const { url, channel, name, noticed, sleep, pollMs, read, onListenTrouble, onReadTrouble } = parts;
  const stop = new AbortController();
  const onNotice = (): void => noticed.ring();
  const listener = url === undefined ? undefined : listenOn(url, { channel, name, sleep, onNotice, onTrouble: onListenTrouble });
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await noticed.sleep(pollMs);
      if (stop.signal.aborted) return;
      await read().catch(onReadTrouble);
    }
  };
  const running = loop();
  return {
    close: async () => {
      stop.abort();
      noticed.ring();
      await Promise.all([running, listener?.close()]);
    },
  };
}
