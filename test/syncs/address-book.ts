import type { ServerResponse } from "node:http";
import { json, type LocalProvider, startProvider } from "../../packages/sdk/src/http/__fixtures__/local-provider.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly updated: number;
}

export interface AddressBook extends LocalProvider {
  readonly people: Map<string, Person>;
  /** Puts a person in, or in the place of the one of this id. */
  put(id: string, name: string, changes?: Partial<Person>): void;
  /** Called before each page is answered; true: it has answered by itself. */
  onPage: (response: ServerResponse, after: string) => boolean | Promise<boolean>;
}

/** A provider of people, listed by keyset, and by the time of their last change with `since`. */
export async function startAddressBook(pageSize = 100): Promise<AddressBook> {
  const people = new Map<string, Person>();
  let time = 1_000;
  const provider = await startProvider(({ url }, response) => {
    const { searchParams } = new URL(url, "http://book.example");
    const after = searchParams.get("after") ?? "";
    const since = Number(searchParams.get("since") ?? 0);
    const answer = async (): Promise<void> => {
      if (await book.onPage(response, after)) return;
      const rest = [...people.values()]
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id, updated }) => id > after && updated >= since);
      const size = Math.min(pageSize, Number(searchParams.get("limit") ?? pageSize));
      json(response, 200, { people: rest.slice(0, size), more: rest.length > size });
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  const book: AddressBook = {
    ...provider,
    people,
    put: (id, name, changes = {}) => void people.set(id, { id, name, email: `${id}@example.com`, updated: (time += 1), ...changes }),
    onPage: () => false,
  };
  return book;
}
