import { isBelayError, type View } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import { defineConsumer, listConsumers, removeConsumer, rewindConsumer } from "../feed/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { consumerOf, isTooFarBehind, type KeepParts, keepTurn } from "./keep-turn.ts";
import { deleteVersion } from "./store.ts";

export interface KeeperParts extends KeepParts {
  readonly catalog: KeepParts["catalog"] & Pick<Catalog, "config">;
  readonly clock: Clock;
}

export interface ViewKeeper {
  /** Does what there is to do now; resolves when nothing is left. For tests. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

const lookEveryMs = 1_000;
const tidyEveryMs = 600_000;
/** A version that nobody has kept up for so long belongs to a configuration that is gone. */
const abandonedMs = 3_600_000;
const rowsAtOnce = 5_000;

/** Keeps the views of the configuration up, with all other processes that do. `begins`: looks by itself, again and again. */
export function startViewKeeper(parts: KeeperParts, begins = true): ViewKeeper {
  const { clock, logger } = parts;
  const stop = new AbortController();
  const defined = new Set<string>();
  const lookAgainAndAgain = async (): Promise<void> => {
    let tidiedAt = clock.now();
    while (!stop.signal.aborted) {
      for (const view of viewsOf(parts)) {
        try {
          await keepUp(parts, view, defined, stop.signal);
        } catch (error) {
          logger.warn({ error, view: view.id }, "A view could not be kept up; it is tried again.");
        }
      }
      if (clock.now() - tidiedAt > tidyEveryMs) {
        tidiedAt = clock.now();
        await tidy(parts).catch((error: unknown) =>
          logger.warn({ error }, "Versions of views that are gone could not be forgotten; it is tried again."),
        );
      }
      await clock.sleep(lookEveryMs, stop.signal).catch(() => undefined); // stopped: the loop ends
    }
  };
  const running = begins ? lookAgainAndAgain() : Promise.resolve();
  return {
    catchUp: async () => {
      for (const view of viewsOf(parts)) await keepUp(parts, view, defined, stop.signal);
    },
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

function viewsOf({ catalog }: KeeperParts): readonly View[] {
  return catalog.config.views ?? [];
}

/** Until there is nothing new. */
async function keepUp(parts: KeeperParts, view: View, defined: Set<string>, signal: AbortSignal): Promise<void> {
  const consumer = consumerOf(view);
  if (!defined.has(consumer.name)) await defineConsumer(parts.db, consumer, { models: [view.of.model] }, "start");
  defined.add(consumer.name);
  try {
    while (!signal.aborted && (await keepTurn(parts, view)));
  } catch (error) {
    // Somebody took it away: it is defined anew the next time, and begins at the start.
    if (isBelayError(error) && error.code === "FEED_CONSUMER_UNKNOWN") defined.delete(consumer.name);
    if (!isTooFarBehind(error)) throw error;
    parts.logger.warn({ view: view.id }, "A view stood before what is kept of the feed; it is put together anew.");
    while ((await deleteVersion(parts.db, view.id, view.version, rowsAtOnce)) === rowsAtOnce);
    await rewindConsumer(parts.db, consumer, "start");
  }
}

/** Forgets versions that no process keeps up any more. */
async function tidy(parts: KeeperParts): Promise<void> {
  const kept = new Set(viewsOf(parts).map((view) => consumerOf(view).name));
  for (const { name, readAt } of await listConsumers(parts.db, "")) {
    const [, view, version] = /^view\/([^@]+)@(.+)$/.exec(name) ?? [];
    if (view === undefined || version === undefined || kept.has(name)) continue;
    if (readAt !== null && parts.clock.now() - Date.parse(readAt) < abandonedMs) continue;
    while ((await deleteVersion(parts.db, view, version, rowsAtOnce)) === rowsAtOnce);
    await removeConsumer(parts.db, { owner: "", name });
  }
}
