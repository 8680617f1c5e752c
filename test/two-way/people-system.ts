import type { ServerResponse } from "node:http";
import { json, type LocalProvider, type Received, startProvider } from "../../packages/sdk/src/http/__fixtures__/local-provider.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly updated: number;
}

/** A write that arrived. */
export interface ArrivedWrite {
  readonly method: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PeopleSystem extends LocalProvider {
  readonly people: Map<string, Person>;
  /** Every write that changed something here by a request, in order. */
  readonly writes: ArrivedWrite[];
  /** Somebody makes a person here. @returns its id. */
  add(person: Partial<Person> & { readonly name: string }): string;
  /** Somebody changes a person here. */
  edit(id: string, changes: Partial<Person>): void;
  /** Called when a page of the listing was read, before it is answered. */
  onListed: () => void | Promise<void>;
  /** Called before one person is read. */
  onRead: () => void;
  /** Called before a write is done; true: it has answered by itself. */
  onWrite: (request: Received, response: ServerResponse) => boolean | Promise<boolean>;
  /** Called after a write was done, before it is answered; true: it has answered by itself. */
  onWritten: (request: Received, response: ServerResponse) => boolean | Promise<boolean>;
  /** How it writes names: its own way. */
  renderName: (name: string) => string;
}

/** A system that keeps people: listed, created (by an idempotency key, where it is given one), changed and deleted. */
export async function startPeopleSystem(prefix: string, clock: () => number): Promise<PeopleSystem> {
  const people = new Map<string, Person>();
  const keys = new Map<string, Person>();
  let ids = 0;
  const provider = await startProvider((request, response) => {
    const answer = async (): Promise<void> => {
      const { method } = request;
      const { pathname, searchParams } = partsOf(request.url);
      if (method === "GET") {
        const id = pathname.split("/")[2];
        if (id !== undefined) system.onRead();
        if (id !== undefined) return answerOne(response, people.get(id));
        const after = searchParams.get("after") ?? "";
        const rest = [...people.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).filter((person) => person.id > after);
        const page = { people: rest.slice(0, 100), more: rest.length > 100 };
        await system.onListed();
        json(response, 200, page);
        return undefined;
      }
      if (await system.onWrite(request, response)) return undefined;
      const written = change(request);
      if (await system.onWritten(request, response)) return undefined;
      if (method === "DELETE") response.writeHead(written === undefined ? 404 : 204).end();
      else answerOne(response, written);
      return undefined;
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  const change = ({ method, url, headers, body }: Received): Person | undefined => {
    const fields = body === "" ? {} : (JSON.parse(body) as Partial<Person>);
    const rendered = { ...fields, ...(fields.name !== undefined && { name: system.renderName(fields.name) }) };
    if (method === "POST") {
      const key = headers["idempotency-key"];
      const known = typeof key === "string" ? keys.get(key) : undefined;
      if (known !== undefined) return known;
      const id = system.add({ name: "", ...rendered });
      system.writes.push({ method, id, fields });
      const person = people.get(id);
      if (typeof key === "string" && person !== undefined) keys.set(key, person);
      return person;
    }
    const id = partsOf(url).pathname.split("/")[2] ?? "";
    const person = people.get(id);
    if (person === undefined) return undefined;
    system.writes.push({ method: method ?? "", id, fields });
    if (method === "DELETE") people.delete(id);
    else system.edit(id, rendered);
    return people.get(id) ?? person;
  };
  const system: PeopleSystem = {
    ...provider,
    people,
    writes: [],
    add: (person) => {
      const id = `${prefix}${String((ids += 1)).padStart(5, "0")}`;
      people.set(id, { email: null, phone: null, ...person, id, updated: clock() });
      return id;
    },
    edit: (id, changes) => {
      const person = people.get(id);
      if (person !== undefined) people.set(id, { ...person, ...changes, id, updated: clock() });
    },
    onListed: () => {},
    onRead: () => {},
    onWrite: () => false,
    onWritten: () => false,
    renderName: (name) => name,
  };
  return system;
}

function partsOf(url: string | undefined): URL {
  return new URL(url ?? "/", "http://people.example");
}

function answerOne(response: ServerResponse, person: Person | undefined): void {
  if (person === undefined) json(response, 404, { error: "no such person" });
  else json(response, 200, person);
}
