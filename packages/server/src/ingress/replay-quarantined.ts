import { hostSource } from "@belay/sdk";
import type { Catalog, Route } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import {
  commitMessages,
  type DeadEvent,
  type DeadLetterKey,
  type NewMessage,
  readDeadEvents,
  replayDeadLetters,
  type SealedWork,
  sealWork,
  takeDeadLetters,
} from "../mailbox/index.ts";
import type { ReferenceWriter } from "../references/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { causeWork, type EventSource } from "./cause-work.ts";
import { hostEventSource } from "./emit-event.ts";
import { quarantineErrors } from "./errors.ts";

/**
 * Replays dead letters. Those that died before any flow saw them are judged anew, as the configuration is now: they get the order key and the version that could not be
 * read then, and the work goes to the end of its mailbox. One that still does not fit stays where it is. All others continue where they stopped. Replaying twice is safe.
 *
 * @returns a function that replays letters and resolves with how many.
 */
export function replayWith(
  catalog: Catalog,
  { cipher, references, clock }: { readonly cipher: Cipher; readonly references: ReferenceWriter; readonly clock: Clock },
): (db: Db, letters: readonly DeadLetterKey[]) => Promise<number> {
  return async (db, letters) => {
    const quarantined = await readDeadEvents(db, cipher, letters, Object.keys(quarantineErrors));
    const ids = new Set(quarantined.map(({ tenant, id }) => `${tenant}\n${id}`));
    const rest = letters.filter(({ tenant, id }) => !ids.has(`${tenant}\n${id}`));
    let count = await replayDeadLetters(db, rest);
    for (const event of quarantined) {
      const endpoint = catalog.endpoints.get(catalog.connections.get(event.connection)?.endpoint ?? "");
      const message =
        event.connection === hostSource
          ? await judgeAnew(
              hostEventSource(catalog, event.tenant),
              catalog.hostRoutes.get(event.tenant)?.get(event.eventType),
              event,
              clock.now(),
            )
          : await judgeAnew(endpoint, endpoint?.routes.get(event.eventType), event, clock.now());
      if (message !== undefined)
        count += await putInPlace(
          db,
          event,
          await sealWork(cipher, [{ messages: [message], quarantined: [] }], await references.fingerprint([message])),
        );
    }
    return count;
  };
}

async function judgeAnew(
  endpoint: EventSource | undefined,
  routes: readonly Route[] | undefined,
  event: DeadEvent,
  nowMs: number,
): Promise<NewMessage | undefined> {
  const route = routes?.find(({ flow }) => flow.id === event.flow);
  if (endpoint === undefined || route === undefined || event.payload === undefined) return undefined;
  const believed = {
    endpoint,
    id: event.eventKey,
    type: event.eventType,
    body: Buffer.from(event.payload, "utf8"),
    trace: event.trace,
    nowMs,
  };
  const [work] = await causeWork(believed, [route], JSON.parse(event.payload));
  return work === undefined || "code" in work ? undefined : work;
}

async function putInPlace(db: Db, event: DeadEvent, sealed: readonly SealedWork[]): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    const taken = await takeDeadLetters(tx, [event]);
    if (taken.length > 0) await commitMessages(tx, sealed);
    return taken.length;
  });
}
