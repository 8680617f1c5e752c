import { isDeepStrictEqual } from "node:util";
import type { Systems } from "../belay/start-golden-belay.ts";
import { type Person, personOfCard, personOfObject } from "../people.ts";
import { readParse } from "../systems/read-parse.ts";
import { readRadicale } from "../systems/read-radicale.ts";

/** What both systems have, by e-mail address. */
export interface Sides {
  readonly parse: ReadonlyMap<string, Person>;
  readonly book: ReadonlyMap<string, Person>;
  /** E-mail addresses that two have at one system. */
  readonly twice: readonly string[];
  /** Those that differ, or that one system does not have. */
  readonly differing: readonly string[];
}

/** Reads both systems directly. */
export async function compareSides({ parse, radicale }: Systems): Promise<Sides> {
  const atParse = [...(await readParse(parse)).values()].map((object) => personOfObject(object));
  const inBook = [...readRadicale(radicale).values()].map((card) => personOfCard(card));
  const sides = { parse: byEmail(atParse), book: byEmail(inBook) };
  const emails = [...new Set([...sides.parse.keys(), ...sides.book.keys()])];
  return {
    ...sides,
    twice: [...twiceIn(atParse), ...twiceIn(inBook)],
    differing: emails.filter((email) => !isDeepStrictEqual(sides.parse.get(email), sides.book.get(email))),
  };
}

function byEmail(persons: readonly Person[]): ReadonlyMap<string, Person> {
  return new Map(persons.map((person) => [person.email, person]));
}

function twiceIn(persons: readonly Person[]): readonly string[] {
  return [...Map.groupBy(persons, ({ email }) => email)].filter(([, all]) => all.length > 1).map(([email]) => email);
}

/** What changes when somebody writes: the times of Parse's objects, and the cards. */
export async function traces({ parse, radicale }: Systems): Promise<readonly string[]> {
  const objects = [...(await readParse(parse)).values()].map(({ objectId, updatedAt }) => `${objectId} ${updatedAt}`);
  return [...objects.toSorted(), ...[...readRadicale(radicale)].map(([name, card]) => `${name} ${card}`).toSorted()];
}
