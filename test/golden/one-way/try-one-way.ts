import { setTimeout as sleep } from "node:timers/promises";
import type { BelayClient } from "@belay/sdk/client";
import { carddavConnection, parseConnection, tenant } from "../belay/connections.ts";
import { startGoldenBelay, type Systems } from "../belay/start-golden-belay.ts";
import { type Person, personOf, personOfCard, personOfObject, personOfUnified, toLines, toObject } from "../people.ts";
import type { Promises } from "../promises.ts";
import { endSessions, fillParse, readParse, writeParse } from "../systems/read-parse.ts";
import { deleteCard, fillRadicale, putCard, readRadicale, syncElsewhere } from "../systems/read-radicale.ts";

export interface OneWayParts extends Systems {
  readonly databaseUrl: string;
  /** Contacts on each side. */
  readonly contacts: number;
  /** After this, Radicale forgets the sync tokens that it gave out. */
  readonly syncTokenSeconds: number;
  readonly say: (status: string) => void;
}

const longestWalkMs = 240_000;

/** One-way syncs of both systems into Belay's records, through edits, deletes, ended sessions and forgotten sync tokens. */
export async function tryOneWay(parts: OneWayParts, { check, equal }: Promises): Promise<{ readonly firstWalksSeconds: number }> {
  const { parse, radicale, contacts, databaseUrl, syncTokenSeconds, say } = parts;
  say(`giving each system ${contacts} contacts`);
  const everybody = Array.from({ length: contacts }, (_, number) => personOf(number));
  await fillParse(parse, everybody.map(toObject));
  fillRadicale(radicale, new Map(everybody.map((person, number) => [`person-${number}.vcf`, toLines(person, `person-${number}`)])));
  // It reads each card when it is first asked for it, and is slow at that: Belay is to meet a server that has run for a while.
  equal("one-way: Radicale has all cards", await syncElsewhere(radicale), contacts);

  say("first walks");
  const startedAt = Date.now();
  await using belay = await startGoldenBelay(parts, { config: new URL("belay.config.ts", import.meta.url), databaseUrl });
  const { client } = belay;
  const walks = { parse: openWalks(client, "from-parse", parseConnection), carddav: openWalks(client, "from-carddav", carddavConnection) };
  const compare = async (when: string): Promise<void> => {
    const atParse = [...(await readParse(parse))].map(([id, object]) => [id, personOfObject(object)] as const);
    const inBook = [...readRadicale(radicale)].map(([name, card]) => [name, personOfCard(card)] as const);
    equal(`${when}: Belay has what Parse Server has`, await readBelay(client, parseConnection), sorted(atParse));
    equal(`${when}: Belay has what Radicale has`, await readBelay(client, carddavConnection), sorted(inBook));
  };
  await Promise.all([walks.parse.ended(1), walks.carddav.ended(1)]);
  const firstWalksSeconds = Math.round((Date.now() - startedAt) / 1_000);
  await compare("one-way, first walks");
  const logins = await endSessions(parse);

  say("edits on both sides, after all sessions have ended");
  const some = Math.max(5, Math.floor(contacts / 50));
  const ids = [...(await readParse(parse)).keys()];
  await writeParse(
    parse,
    ids.slice(0, some).map((id, number) => ({ method: "PUT" as const, id, body: { name: `Changed ${number}`, company: "" } })),
  );
  await fillParse(parse, [toObject(personOf(contacts)), toObject(personOf(contacts + 1))]);
  for (let number = 0; number < some; number += 1)
    await putCard(radicale, `person-${number}.vcf`, toLines({ ...personOf(number), name: `Changed ${number}` }, `person-${number}`));
  await putCard(radicale, `person-${contacts}.vcf`, toLines(personOf(contacts), `person-${contacts}`));
  for (let number = some; number < 2 * some; number += 1) await deleteCard(radicale, `person-${number}.vcf`);
  await Promise.all([walks.parse.again(), walks.carddav.again()]);
  await compare("one-way, edits");

  say("deletes, after sync tokens were forgotten");
  await sleep((syncTokenSeconds + 2) * 1_000);
  await putCard(radicale, "person-0.vcf", toLines({ ...personOf(0), name: "Changed later" }, "person-0"));
  await deleteCard(radicale, `person-${2 * some}.vcf`);
  await syncElsewhere(radicale);
  await deleteCard(radicale, `person-${2 * some + 1}.vcf`);
  await writeParse(
    parse,
    ids.slice(some, 2 * some).map((id) => ({ method: "DELETE" as const, id })),
  );
  await endSessions(parse);
  // Parse Server tells of no deletes, so everything has to be read; that the sync token is not taken any more leads to the same by itself.
  const [, refused] = await Promise.all([walks.parse.again({ full: true }), walks.carddav.again()]);
  equal("one-way: a forgotten sync token is met", refused?.code, "SYNC_POSITION_REFUSED");
  const everything = await walks.carddav.ended(1);
  equal("one-way: and everything is read at once", [everything?.kind, everything?.state], ["full", "complete"]);
  await compare("one-way, deletes");
  check("one-way: Belay had logged in to Parse Server, and has again", logins > 0 && (await endSessions(parse)) > 0);
  const troubles = (await client.syncs({ tenant })).map((sync) => sync.troubles);
  equal("one-way: no record was left aside", troubles, [0, 0]);
  const letters: string[] = [];
  for await (const { code } of client.deadLetters.list({ tenant })) letters.push(code);
  equal("one-way: nothing was given up", letters, []);
  return { firstWalksSeconds };
}

type Walk = Awaited<ReturnType<BelayClient["walks"]>>[number];

interface Walks {
  /** Waits until so many more walks have ended; the newest of them. */
  ended(more: number): Promise<Walk | undefined>;
  /** Orders a walk, and waits for its end. */
  again(options?: { readonly full?: boolean }): Promise<Walk | undefined>;
}

function openWalks(client: BelayClient, sync: string, connection: string): Walks {
  let last = 0;
  const ended = async (more: number): Promise<Walk | undefined> => {
    const until = Date.now() + longestWalkMs;
    for (;;) {
      const walks = (await client.walks(sync, { tenant, connection })).filter(({ id }) => id > last).toSorted((a, b) => a.id - b.id);
      const over = walks.filter(({ state }) => state !== "open");
      const found = over[more - 1];
      if (found !== undefined) {
        last = found.id;
        return found;
      }
      if (Date.now() > until) throw new Error(`${sync} did not walk to its end in time: ${JSON.stringify(walks)}`);
      await sleep(200);
    }
  };
  return {
    ended,
    again: async (options = {}) => {
      await client.runSync(sync, { tenant, connection, ...options });
      return await ended(1);
    },
  };
}

async function readBelay(client: BelayClient, connection: string): Promise<Listed> {
  const kept: [string, Person][] = [];
  for await (const { externalId, data } of client.records({ tenant, connection })) kept.push([externalId, personOfUnified(data)]);
  return sorted(kept);
}

type Listed = readonly (readonly [id: string, person: Person])[];

function sorted(entries: Listed): Listed {
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
}
