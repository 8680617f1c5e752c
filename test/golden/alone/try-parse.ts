import { createClient } from "@belay/sdk/http";
import { parse } from "@belay/connector-parse";
import type { Promises } from "../promises.ts";
import { askParse, readParse, writeParse } from "../systems/read-parse.ts";
import type { ParseSystem } from "../systems/start-parse.ts";
import { openPorts, sessionOf } from "./ports.ts";

/** The connector against Parse Server, without a Belay around it; what it did is read from the server directly. */
export async function tryParse(
  system: ParseSystem,
  user: { readonly username: string; readonly password: string },
  { check, equal, refused }: Promises,
  many: number,
): Promise<void> {
  const session = sessionOf(system, user);
  await using ports = openPorts(session);
  const connection = { id: "golden-parse", tenant: "golden", connector: "parse", baseUrl: system.url } as const;
  const { contact } = createClient(parse, connection, ports);

  const created = await contact.create({ email: "ada@example.com", name: "Ada Lovelace", company: "Analytical Engines" });
  const found = (await readParse(system)).get(created.objectId);
  equal("parse: what was created is at the server", found?.["name"], "Ada Lovelace");
  equal("parse: a create is answered by the record", created.createdAt, found?.createdAt);
  equal("parse: the first call logged in, once", session.counted.logins, 1);
  equal("parse: a record is read by its id", (await contact.get(created.objectId))?.company, "Analytical Engines");
  equal("parse: a record is found by its e-mail address", (await contact.find({ email: "ada@example.com" }))?.objectId, created.objectId);
  equal("parse: what is not there is not found", await contact.find({ email: "nobody@example.com" }), undefined);

  await contact.update(created.objectId, { jobTitle: "Programmer" });
  const changed = (await readParse(system)).get(created.objectId);
  equal("parse: an update changes its fields", changed?.["jobTitle"], "Programmer");
  equal("parse: an update keeps the others", changed?.["company"], "Analytical Engines");

  await askParse(system, "DELETE", `/sessions/${await sessionIdOf(system)}`);
  equal("parse: with an ended session the call goes on", (await contact.get(created.objectId))?.jobTitle, "Programmer");
  equal("parse: by logging in once more", session.counted.logins, 2);

  await writeParse(
    system,
    Array.from({ length: many }, (_, index) => ({ method: "POST" as const, body: { email: `many-${index}@example.com` } })),
  );
  const listed = new Set<string>();
  let count = 0;
  for await (const record of contact.list({ pageSize: 100 })) {
    listed.add(record.objectId);
    count += 1;
  }
  const there = await readParse(system);
  equal("parse: a listing has every record", listed.size, there.size);
  equal("parse: a listing has no record twice", count, there.size);
  check(
    "parse: and it is those of the server",
    [...there.keys()].every((id) => listed.has(id)),
  );

  const from = changed?.updatedAt ?? "";
  const later = new Set<string>();
  for await (const record of contact.list({ filters: { updatedSince: from }, order: "updated" })) later.add(record.objectId);
  const expected = [...there.values()].filter(({ updatedAt }) => updatedAt >= from).map(({ objectId }) => objectId);
  check("parse: changes since a time are those of the server", expected.length === later.size && expected.every((id) => later.has(id)));

  await contact.delete(created.objectId);
  check("parse: what was deleted is gone", !(await readParse(system)).has(created.objectId));
  equal("parse: what is gone is read as nothing", await contact.get(created.objectId), undefined);
  await contact.delete(created.objectId);
  await refused("parse: an update of what is gone is refused", () => contact.update(created.objectId, { name: "x" }), "PARSE_NOT_FOUND");
  await writeParse(
    system,
    [...(await readParse(system)).keys()].map((id) => ({ method: "DELETE" as const, id })),
  );
}

async function sessionIdOf(system: ParseSystem): Promise<string> {
  const { results } = (await askParse(system, "GET", "/sessions?order=-createdAt&limit=1")) as {
    readonly results: readonly { readonly objectId: string }[];
  };
  return results[0]?.objectId ?? "";
}
