import type { Systems } from "../belay/start-golden-belay.ts";
import { personOf, personOfCard, toLines, toObject } from "../people.ts";
import { readParse, writeParse } from "../systems/read-parse.ts";
import { deleteCard, editCard, putCard, readRadicale } from "../systems/read-radicale.ts";
import { type Cast, companyAtParse, titleAtParse, titleInBook } from "./cast.ts";

/** Under which a person is in the address book who was there before, or is put there by hand. */
export function cardName(number: number): string {
  return `person-${number}.vcf`;
}

/** With properties that Belay does not know. */
export function cardOf(number: number, { untitledInBook }: Cast): readonly string[] {
  const person = personOf(number);
  const known = untitledInBook.has(number) ? { ...person, jobTitle: "" } : person;
  return [...toLines(known, `person-${number}`), ...unknownLines(number)];
}

export function unknownLines(number: number): readonly string[] {
  return [`X-GOLDEN;X-KIND=number:${number}`, "CATEGORIES:Friends,Tea", "BDAY:1990-05-17"];
}

/** What people do at both systems, side by side. @returns how much it was. */
export async function playCast({ parse, radicale }: Systems, cast: Cast): Promise<number> {
  const ids = new Map([...(await readParse(parse))].map(([id, object]) => [String(object["email"]), id]));
  const idOf = (number: number): string => ids.get(personOf(number).email) ?? "";
  const nameOf = new Map([...readRadicale(radicale)].map(([name, card]) => [personOfCard(card).email, name]));
  const cardNameOf = (number: number): string => nameOf.get(personOf(number).email) ?? "";
  const put = (numbers: readonly number[], body: (number: number) => object) =>
    numbers.map((number) => ({ method: "PUT" as const, id: idOf(number), body: body(number) }));
  const create = (number: number) => ({ method: "POST" as const, body: toObject(personOf(number)) });
  const putNew = (number: number) => async () => void (await putCard(radicale, cardName(number), cardOf(number, cast)));
  const atParse = [
    // First at both, so that neither is there before the other can be seen.
    ...cast.createdAtBoth.map(create),
    ...put([...cast.editedAtParse, ...cast.editedAtBoth], (number) => ({ company: companyAtParse(number) })),
    ...put(cast.contested, (number) => ({ jobTitle: titleAtParse(number) })),
    ...cast.deletedAtParse.map((number) => ({ method: "DELETE" as const, id: idOf(number) })),
    ...cast.createdAtParse.map(create),
  ];
  const inBook = [
    ...cast.createdAtBoth.map(putNew),
    ...[...cast.editedInBook, ...cast.editedAtBoth, ...cast.contested].map(
      (number) => async () => await editCard(radicale, cardNameOf(number), (lines) => withTitle(lines, titleInBook(number))),
    ),
    ...cast.deletedInBook.map((number) => async () => await deleteCard(radicale, cardNameOf(number))),
    ...cast.createdInBook.map(putNew),
  ];
  const rest = inBook.values();
  const editor = async (): Promise<void> => {
    for (const act of rest) await act();
  };
  await Promise.all([writeParse(parse, atParse), editor(), editor(), editor()]);
  return atParse.length + inBook.length;
}

function withTitle(lines: readonly string[], title: string): readonly string[] {
  const others = lines.filter((line) => !/^TITLE[;:]/i.test(line) && !/^END:VCARD/i.test(line));
  return [...others, `TITLE:${title.replaceAll(",", String.raw`\,`)}`, "END:VCARD"];
}
