import pg from "pg";
import type { Clock, Logger } from "../telemetry/index.ts";
import { readNotice } from "./store.ts";
import type { MailboxKey } from "./types.ts";

/**
 * Calls `onWake` whenever another process has committed work, with the mailboxes where they are named. A lost connection is made again, with growing pauses; what is missed meanwhile is
 * found by the poll, so losing it costs time, never work.
 */
export function listenForWork(
  url: string,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly onWake: (mailboxes?: readonly MailboxKey[]) => void },
): { close(): Promise<void> } {
  const stop = new AbortController();
  let client: pg.Client | undefined;
  const listen = async (): Promise<void> => {
    let failures = 0;
    while (!stop.signal.aborted) {
      client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true, application_name: "belay listen" });
      const lost = new Promise<void>((resolve) => {
        client?.on("error", () => resolve());
        client?.on("end", () => resolve());
      });
      try {
        client.on("notification", ({ payload }) => parts.onWake(readNotice(payload ?? "")));
        // Ending a client that is still connecting leaves the promise of its connection open for ever.
        await Promise.race([client.connect(), lost]);
        if (stop.signal.aborted) break;
        await client.query("listen belay_mailbox");
        failures = 0;
        parts.onWake();
        await lost;
      } catch (error) {
        failures += 1;
        parts.logger.warn({ error, failures }, "Cannot listen for work of other processes; the poll finds it meanwhile.");
      }
      await client.end().catch(() => {});
      if (!stop.signal.aborted) await parts.clock.sleep(Math.min(5_000, 100 * 2 ** failures), stop.signal);
    }
  };
  const listening = listen();
  return {
    close: async () => {
      stop.abort();
      await client?.end().catch(() => {});
      await listening;
    },
  };
}
