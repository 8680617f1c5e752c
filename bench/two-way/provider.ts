/* Two systems that keep people, below `/a` and `/b`: listed by keyset, created by an idempotency key, changed. As quick as they can be, for what is measured is who writes. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, Question } from "./questions.ts";

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly updated: number;
}

const pageSize = 200;

class System {
  /** In the order of their ids, for those only grow. */
  readonly people: Person[] = [];
  writes = 0;
  readonly #keys = new Map<string, Person>();
  #time = 1_767_225_600_000;

  add(fields: Partial<Person>): Person {
    const id = String(this.people.length + 1).padStart(9, "0");
    const person = { name: "", email: "", ...fields, id, updated: (this.#time += 1) };
    this.people.push(person);
    return person;
  }

  edit(id: string, fields: Partial<Person>): Person | undefined {
    const index = Number(id) - 1;
    const person = this.people[index];
    if (person === undefined) return undefined;
    return (this.people[index] = { ...person, ...fields, id, updated: (this.#time += 1) });
  }

  list(after: string): object {
    const start = after === "" ? 0 : Number(after);
    return { people: this.people.slice(start, start + pageSize), more: start + pageSize < this.people.length };
  }

  write(method: string, id: string | undefined, key: string | undefined, fields: Partial<Person>): Person | undefined {
    if (method === "PATCH") {
      this.writes += 1;
      return this.edit(id ?? "", fields);
    }
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) return known;
    this.writes += 1;
    const person = this.add(fields);
    if (key !== undefined) this.#keys.set(key, person);
    return person;
  }
}

let systems = { a: new System(), b: new System() };

async function bodyOf(request: IncomingMessage): Promise<Partial<Person>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Partial<Person>);
}

async function answer(request: IncomingMessage): Promise<object | undefined> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://people.example");
  const [, side = "", , id] = pathname.split("/");
  const system = side === "a" ? systems.a : systems.b;
  if (request.method !== "GET") {
    const key = request.headers["idempotency-key"];
    return system.write(request.method ?? "", id, typeof key === "string" ? key : undefined, await bodyOf(request));
  }
  return id === undefined ? system.list(searchParams.get("after") ?? "") : system.people[Number(id) - 1];
}

const server = createServer((request, response) => {
  answer(request).then(
    (found) => response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(found ?? {})),
    () => response.destroy(),
  );
});

/** How many are not the same at both sides, found by their addresses. */
function countDiffering(): number {
  const names = new Map(systems.b.people.map(({ email, name }) => [email, name]));
  return systems.a.people.filter(({ email, name }) => names.get(email) !== name).length + Math.abs(systems.a.people.length - names.size);
}

/** Every other one at the other side; nobody at both. */
function editSome(count: number): void {
  const { a, b } = systems;
  const idsAtB = new Map(b.people.map(({ email, id }) => [email, id]));
  const step = Math.floor(a.people.length / count);
  for (let number = 0; number < count; number += 1) {
    const one = a.people[number * step];
    if (one === undefined) continue;
    const fields = { name: `${one.name}, edited` };
    if (number % 2 === 0) a.edit(one.id, fields);
    else b.edit(idsAtB.get(one.email) ?? "", fields);
  }
}

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.on("message", ({ fill, edit }: Question) => {
  if (fill !== undefined) {
    systems = { a: new System(), b: new System() };
    for (let number = 0; number < fill; number += 1) systems.a.add({ name: `Person ${number}`, email: `person-${number}@example.com` });
  }
  if (edit !== undefined) editSome(edit);
  const { a, b } = systems;
  process.send?.({ a: a.people.length, b: b.people.length, writes: a.writes + b.writes, differing: countDiffering() } satisfies Answer);
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
