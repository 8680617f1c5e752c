import { type Person, personOf } from "../people.ts";

/** Who is where at first, and what happens to whom. Numbers of persons, each in one list of what happens. */
export interface Cast {
  readonly atBoth: readonly number[];
  readonly onlyAtParse: readonly number[];
  readonly onlyInBook: readonly number[];
  /** At both, and the book does not know their job title. */
  readonly untitledInBook: ReadonlySet<number>;
  readonly editedAtParse: readonly number[];
  readonly editedInBook: readonly number[];
  /** Another field on each side. */
  readonly editedAtBoth: readonly number[];
  /** The same field on each side. */
  readonly contested: readonly number[];
  readonly deletedAtParse: readonly number[];
  readonly deletedInBook: readonly number[];
  /** Not there at first. */
  readonly createdAtParse: readonly number[];
  readonly createdInBook: readonly number[];
  readonly createdAtBoth: readonly number[];
}

/** The cast of so many contacts. Creations in the book are few: Radicale looks through all cards for each. */
export function castOf(contacts: number): Cast {
  const few = Math.max(3, Math.round(contacts / 125));
  const some = Math.max(5, Math.round(contacts / 50));
  const onlyAtParse = few;
  const onlyInBook = some;
  const atBoth = range(0, contacts - onlyAtParse - onlyInBook);
  const happens = atBoth.values();
  const next = (count: number): readonly number[] => Array.from({ length: count }, () => happens.next().value ?? 0);
  return {
    atBoth,
    onlyAtParse: range(atBoth.length, onlyAtParse),
    onlyInBook: range(atBoth.length + onlyAtParse, onlyInBook),
    untitledInBook: new Set(next(few)),
    editedAtParse: next(some),
    editedInBook: next(some),
    editedAtBoth: next(few),
    contested: next(few),
    deletedAtParse: next(few),
    deletedInBook: next(few),
    createdAtParse: range(contacts, few),
    createdInBook: range(contacts + few, few),
    createdAtBoth: range(contacts + 2 * few, 3),
  };
}

/** What both systems are to have in the end, by e-mail address; of the contested the job title is either of the two. */
export function expectedOf(cast: Cast): ReadonlyMap<string, Person> {
  const gone = new Set([...cast.deletedAtParse, ...cast.deletedInBook]);
  const there = [
    ...cast.atBoth,
    ...cast.onlyAtParse,
    ...cast.onlyInBook,
    ...cast.createdAtParse,
    ...cast.createdInBook,
    ...cast.createdAtBoth,
  ];
  const persons = new Map(there.filter((number) => !gone.has(number)).map((number) => [number, personOf(number)]));
  const change = (numbers: readonly number[], changes: (number: number) => Partial<Person>): void => {
    for (const number of numbers) persons.set(number, { ...(persons.get(number) ?? personOf(number)), ...changes(number) });
  };
  change([...cast.editedAtParse, ...cast.editedAtBoth], (number) => ({ company: companyAtParse(number) }));
  change([...cast.editedInBook, ...cast.editedAtBoth], (number) => ({ jobTitle: titleInBook(number) }));
  return new Map([...persons.values()].map((person) => [person.email, person]));
}

export function companyAtParse(number: number): string {
  return `Moved to ${number}`;
}

export function titleAtParse(number: number): string {
  return `Title ${number} at Parse`;
}

export function titleInBook(number: number): string {
  return `Title ${number}, in the book`;
}

function range(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}
