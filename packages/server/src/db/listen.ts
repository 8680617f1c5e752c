import pg from "pg";

export interface ListenParts {
  /** What `pg_notify` names. */
  readonly channel: string;
  /** What the connection is called in `pg_stat_activity`. */
  readonly name: string;
  /** Waits before another attempt; must end early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called with what each notice says, and with nothing whenever it begins to listen: something may have come in between. */
  readonly onNotice: (payload: string | undefined) => void;
  readonly onTrouble: (error: unknown, failures: number) => void;
}

/**
 * Listens to what other processes notify, on a connection of its own. A lost one is made again, with growing pauses; what is missed meanwhile has to be found in
 * another way.
 */
export function listenOn(url: string, { channel, name, sleep, onNotice, onTrouble }: ListenParts): { close(): Promise<void> } {
  const stop = new AbortController();
  let client: pg.Client | undefined;
  const listen = async (): Promise<void> => {
    let failures = 0;
    while (!stop.signal.aborted) {
      client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, keepAlive: true, application_name: name });
      const lost = new Promise<void>((resolve) => {
        client?.on("error", () => resolve());
        client?.on("end", () => resolve());
      });
      try {
        client.on("notification", ({ payload }) => onNotice(payload));
        // Ending a client that is still connecting leaves the promise of its connection open for ever.
        await Promise.race([client.connect(), lost]);
        if (stop.signal.aborted) break;
        await client.query(`listen ${pg.escapeIdentifier(channel)}`);
        failures = 0;
        onNotice(undefined);
        await lost;
      } catch (error) {
        failures += 1;
        onTrouble(error, failures);
      }
      await client.end().catch(() => {});
      if (!stop.signal.aborted) await sleep(Math.min(5_000, 100 * 2 ** failures), stop.signal);
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
