import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { BelayClient } from "@belay/sdk/client";
import { carddavConnection, parseConnection, parseEndpoint, tenant } from "../belay/connections.ts";
import { type GoldenBelay, startGoldenBelay, type Systems } from "../belay/start-golden-belay.ts";
import { personOf, personOfCard, toObject } from "../people.ts";
import type { Promises } from "../promises.ts";
import { emptyParse, endSessions, fillParse, hookParse } from "../systems/read-parse.ts";
import { emptyRadicale, fillRadicale, putCard, readRadicale, syncElsewhere } from "../systems/read-radicale.ts";
import { type Cast, castOf, expectedOf, titleAtParse, titleInBook } from "./cast.ts";
import { compareSides, traces } from "./compare-sides.ts";
import { cardName, cardOf, playCast, unknownLines } from "./play-cast.ts";

export interface TwoWayParts extends Systems {
  readonly databaseUrl: string;
  /** Contacts that there are at first, at one of the systems or at both. */
  readonly contacts: number;
  /** After this, Radicale forgets the sync tokens that it gave out. */
  readonly syncTokenSeconds: number;
  readonly say: (status: string) => void;
}

export interface TwoWayFigures {
  readonly contacts: number;
  /** Until both had the same for the first time. */
  readonly firstEqualSeconds: number;
  /** From the last edit until both had the same again, the kill and what it holds up included. */
  readonly equalAgainSeconds: number;
  /** Edits, creations and deletes that were made at both. */
  readonly edits: number;
}

const longestMs = 900_000;
const lookMs = 1_500;
/** What Parse Server has deleted is found only by reading everything; so often that is ordered while something differs. */
const fullEveryMs = 20_000;
/** Nothing is written for so long when everything is said. */
const quietMs = 8_000;

/** Both systems get the same contacts, whoever changes what, through ended sessions, forgotten sync tokens and a kill. */
export async function tryTwoWay(parts: TwoWayParts, promises: Promises): Promise<TwoWayFigures> {
  const { parse, radicale, contacts, say } = parts;
  const { check, equal } = promises;
  const cast = castOf(contacts);
  say("giving both systems their contacts");
  await emptyParse(parse);
  emptyRadicale(radicale);
  await fillParse(
    parse,
    [...cast.atBoth, ...cast.onlyAtParse].map((number) => toObject(personOf(number))),
  );
  fillRadicale(radicale, new Map([...cast.atBoth, ...cast.onlyInBook].map((number) => [cardName(number), cardOf(number, cast)])));
  await syncElsewhere(radicale);

  const port = await freePort();
  const options = { config: new URL("belay.config.ts", import.meta.url), databaseUrl: parts.databaseUrl, port };
  let belay: GoldenBelay = await startGoldenBelay(parts, options);
  try {
    await hookParse(parse, `${belay.url}/in/${parseEndpoint}`);
    const begunAt = Date.now();
    await untilEqual(parts, () => belay.client);
    const firstEqualSeconds = secondsSince(begunAt);
    const { twice } = await compareSides(parts);
    equal("two-way: at first, nobody is twice at a system", twice, []);

    say("edits, creations and deletes on both sides at once");
    const logins = await endSessions(parse);
    check("two-way: Belay is logged in to Parse Server by a session", logins > 0);
    const edits = playCast(parts, cast);
    // Met where it is awaited.
    edits.catch(() => {});
    await sleep(4_000);
    say("killing Belay in the middle");
    await belay.kill();
    belay = await startGoldenBelay(parts, options);
    await edits;
    const editedAt = Date.now();
    say("forgetting sync tokens");
    await sleep((parts.syncTokenSeconds + 1) * 1_000);
    await putCard(radicale, cardName(cast.createdInBook[0] ?? 0), cardOf(cast.createdInBook[0] ?? 0, cast));
    await syncElsewhere(radicale);
    await orderWalks(belay.client);
    await untilEqual(parts, () => belay.client);
    const equalAgainSeconds = secondsSince(editedAt);

    say("looking whether writes stop");
    await checkEnd(parts, cast, belay.client, promises);
    return { contacts, firstEqualSeconds, equalAgainSeconds, edits: await edits };
  } finally {
    await belay[Symbol.asyncDispose]();
  }
}

/** Of everything at Parse Server, which tells of no deletes later, and of what is new in the address book. */
async function orderWalks(client: BelayClient): Promise<void> {
  await client.runSync("from-parse", { tenant, connection: parseConnection, full: true });
  await client.runSync("from-carddav", { tenant, connection: carddavConnection });
}

/** Waits until both have the same, and have it still a moment later. @throws when that takes longer than a quarter of an hour. */
async function untilEqual(parts: TwoWayParts, client: () => BelayClient): Promise<void> {
  const until = Date.now() + longestMs;
  let [orderedAt, equalTimes] = [Date.now(), 0];
  for (;;) {
    const { differing, twice, parse, book } = await compareSides(parts);
    equalTimes = differing.length === 0 ? equalTimes + 1 : 0;
    if (equalTimes === 2) return;
    parts.say(`${differing.length} differ; ${parse.size} at Parse Server, ${book.size} in the address book`);
    if (Date.now() > until) {
      const [example = ""] = differing;
      throw new Error(
        `Both systems did not become equal: ${differing.length} differ, ${twice.length} are there twice. ${JSON.stringify([example, parse.get(example), book.get(example)])}`,
      );
    }
    if (Date.now() - orderedAt > fullEveryMs) {
      orderedAt = Date.now();
      await orderWalks(client());
    }
    await sleep(lookMs);
  }
}

async function checkEnd(parts: TwoWayParts, cast: Cast, client: BelayClient, { check, equal }: Promises): Promise<void> {
  const before = await traces(parts);
  await client.runSync("from-parse", { tenant, connection: parseConnection, full: true });
  await client.runSync("from-carddav", { tenant, connection: carddavConnection, full: true });
  await sleep(quietMs);
  await untilIdle(client);
  // What the walks may have led to.
  await sleep(quietMs / 2);
  equal("two-way: when both have the same, nothing is written any more", await traces(parts), before);

  const { parse: atParse, book, twice, differing } = await compareSides(parts);
  equal("two-way: both systems have the same", differing, []);
  equal("two-way: nobody is twice at a system", twice, []);
  const expected = expectedOf(cast);
  const contested = new Set(cast.contested.map((number) => personOf(number).email));
  equal("two-way: it is those who are to be there", [...book.keys()].toSorted(), [...expected.keys()].toSorted());
  const wrong = [...atParse.values()].filter(
    (person) => !contested.has(person.email) && !isDeepStrictEqual(person, expected.get(person.email)),
  );
  equal("two-way: no edit was lost", wrong, []);
  const resolved = cast.contested.map((number) => [number, book.get(personOf(number).email)?.jobTitle] as const);
  check(
    "two-way: of two edits of one field one holds on both sides",
    resolved.every(([number, title]) => title === titleAtParse(number) || title === titleInBook(number)),
  );
  const cards = new Map([...readRadicale(parts.radicale).values()].map((card) => [personOfCard(card).email, card]));
  const gone = new Set([...cast.deletedAtParse, ...cast.deletedInBook]);
  const ours = [...cast.atBoth, ...cast.onlyInBook].filter((number) => !gone.has(number));
  const lost = ours.filter((number) => {
    // That a birthday is a date goes without saying, and may be said.
    const card = (cards.get(personOf(number).email) ?? "")
      .replaceAll(/\r?\n[ \t]/g, "")
      .toUpperCase()
      .replace("BDAY;VALUE=DATE:", "BDAY:");
    return !unknownLines(number).every((line) => card.includes(line.toUpperCase()));
  });
  equal("two-way: cards keep what Belay does not know of them", lost, []);
  const letters: string[] = [];
  for await (const { code, flow } of client.deadLetters.list({ tenant })) letters.push(`${flow}: ${code}`);
  equal("two-way: nothing was given up", letters, []);
}

async function untilIdle(client: BelayClient): Promise<void> {
  const until = Date.now() + longestMs;
  for (;;) {
    const syncs = await client.syncs({ tenant });
    if (syncs.every(({ state }) => state === "idle") || Date.now() > until) return;
    await sleep(lookMs);
  }
}

function secondsSince(startedAt: number): number {
  return Math.round((Date.now() - startedAt) / 1_000);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
