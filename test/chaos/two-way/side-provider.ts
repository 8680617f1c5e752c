import type { ProviderAnswer, ProviderRequest } from "../kernel/providers.ts";
import { SourceProvider, toAnswer } from "../sync/provider.ts";
import { type Person, personToJson, type PersonFields, type SideBook } from "./side-book.ts";
import { baseUrls, type Side, type SideSetting } from "./steps.ts";

/** What Belay wrote to a side. */
export interface OwnWrite {
  readonly side: Side;
  readonly what: "create" | "update" | "delete";
  readonly person: Person;
}

export interface SideProviderParts {
  readonly side: Side;
  readonly setting: SideSetting;
  readonly book: SideBook;
  readonly random: () => number;
  /** Told of each write before it is done. */
  readonly onWrite: (write: OwnWrite) => void;
  /** Told of each request for a listing, and whether it begins at its start. */
  readonly onListed: (side: Side, isFirst: boolean) => void;
  readonly onServed: () => void;
}

const blank: PersonFields = { tag: "", email: null, name: "", phone: "", note: "" };

/** The system of one side. It behaves, in its own way; what goes wrong is the network's part. */
export class SideProvider {
  readonly #parts: SideProviderParts;
  readonly #listing: SourceProvider<Person>;
  /** Answers to creates by their idempotency keys. */
  readonly #answers = new Map<string, string>();

  constructor(parts: SideProviderParts) {
    this.#parts = parts;
    const { setting, book, random, onServed } = parts;
    this.#listing = new SourceProvider({ shape: setting.shape, log: book, toJson: personToJson, random, onServed });
  }

  forget(tokens: boolean): void {
    this.#listing.forget(tokens);
  }

  serve(request: ProviderRequest): ProviderAnswer {
    const answer = this.#answer(request);
    this.#parts.onServed();
    return answer;
  }

  #answer(request: ProviderRequest): ProviderAnswer {
    const { side, book } = this.#parts;
    const url = new URL(request.path, baseUrls[side]);
    const { pathname, searchParams } = url;
    if (request.method === "POST") return this.#create(request);
    const tag = searchParams.get("tag");
    if (pathname === "/items" && tag !== null) return toAnswer({ items: book.named(tag).map(personToJson) });
    if (["/items", "/items/changes", "/items/deleted"].includes(pathname)) {
      const isFirst = ["cursor", "offset", "page", "after"].every((name) => !searchParams.has(name)) && pathname !== "/items/deleted";
      this.#parts.onListed(side, isFirst);
      return this.#listing.list(url);
    }
    return this.#one(request, pathname.slice("/items/".length));
  }

  #create({ headers, body }: ProviderRequest): ProviderAnswer {
    const { side, setting, book, onWrite } = this.#parts;
    const key = setting.create === "key" ? (headers["idempotency-key"] ?? "") : "";
    const before = this.#answers.get(key);
    if (before !== undefined) return { status: 201, headers: { "content-type": "application/json" }, body: before };
    const fields: PersonFields = { ...blank, ...(JSON.parse(body) as Partial<PersonFields>) };
    const isTaken = fields.email !== null && [...book.rows.values()].some(({ email }) => email === fields.email);
    if (setting.unique && isTaken) return toAnswer({ error: "there is such a person already" }, 409);
    onWrite({ side, what: "create", person: { ...fields, id: "", serial: 0, version: 0, changed: 0, sequence: 0 } });
    const answer = toAnswer(personToJson(book.create(fields)), 201);
    if (key !== "") this.#answers.set(key, answer.body);
    return answer;
  }

  #one({ method, headers, body }: ProviderRequest, id: string): ProviderAnswer {
    const { side, book, onWrite } = this.#parts;
    const person = book.rows.get(id);
    if (person === undefined) return toAnswer({ error: "there is no such person" }, 404);
    if (method === "GET") return toAnswer(personToJson(person));
    if (method === "DELETE") {
      onWrite({ side, what: "delete", person });
      book.remove(id);
      return { status: 204, headers: {}, body: "" };
    }
    const state = headers["if-match"];
    if (state !== undefined && state.replaceAll('"', "") !== `v${person.version}`) return toAnswer({ error: "it has changed" }, 412);
    onWrite({ side, what: "update", person });
    const { tag: _tag, email: _email, ...change } = JSON.parse(body) as PersonFields;
    return toAnswer(personToJson(book.update(id, change) ?? person));
  }
}
