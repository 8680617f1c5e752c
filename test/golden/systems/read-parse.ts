import type { ParseSystem } from "./start-parse.ts";

/** An object of the class `Contact` as the server has it. */
export interface ParseObject {
  readonly objectId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly [field: string]: unknown;
}

/** Asks Parse Server directly, with the master key: nothing of Belay is between. @throws with what the server said. */
export async function askParse(parse: ParseSystem, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${parse.url}${path}`, {
    method,
    headers: { "x-parse-application-id": parse.applicationId, "x-parse-master-key": parse.masterKey, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(300_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Parse Server answered ${response.status} to ${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** All objects, by id. They are few enough for one answer. */
export async function readParse(parse: ParseSystem): Promise<ReadonlyMap<string, ParseObject>> {
  const answer = (await askParse(parse, "GET", "/classes/Contact?limit=100000")) as { readonly results: readonly ParseObject[] };
  return new Map(answer.results.map((object) => [object.objectId, object]));
}

/** A user who may do what the connector does, and a class that only those see who have logged in. */
export async function prepareParse(parse: ParseSystem, user: { readonly username: string; readonly password: string }): Promise<void> {
  await askParse(parse, "POST", "/users", user);
  const loggedIn = { requiresAuthentication: true };
  const rights = {
    find: loggedIn,
    count: loggedIn,
    get: loggedIn,
    create: loggedIn,
    update: loggedIn,
    delete: loggedIn,
    addField: loggedIn,
  };
  const text = { type: "String" };
  const names = [
    "name",
    "givenName",
    "familyName",
    "email",
    "phone",
    "mobilePhone",
    "company",
    "jobTitle",
    "street",
    "city",
    "region",
    "postalCode",
    "country",
    "notes",
  ];
  const fields = Object.fromEntries(names.map((name) => [name, text]));
  await askParse(parse, "POST", "/schemas/Contact", { className: "Contact", fields, classLevelPermissions: rights });
}

/** Writes many objects directly, as other programs would, sixteen at a time. */
export async function writeParse(
  parse: ParseSystem,
  writes: readonly { readonly method: "POST" | "PUT" | "DELETE"; readonly id?: string; readonly body?: object }[],
): Promise<void> {
  const rest = writes.values();
  const writer = async (): Promise<void> => {
    for (const { method, id, body } of rest)
      await askParse(parse, method, `/classes/Contact${id === undefined ? "" : `/${id}`}`, body).catch((error: unknown) => {
        // It is written: only whom a trigger calls could not be reached.
        if (!String(error).includes('"code":141')) throw error;
      });
  };
  await Promise.all(Array.from({ length: 16 }, writer));
}

/** Creates many objects directly. */
export async function fillParse(parse: ParseSystem, objects: readonly object[]): Promise<void> {
  await writeParse(
    parse,
    objects.map((body) => ({ method: "POST", body })),
  );
}

/** Ends all sessions, as somebody who logs everybody out. @returns how many there were. */
export async function endSessions(parse: ParseSystem): Promise<number> {
  const { results } = (await askParse(parse, "GET", "/sessions?limit=1000")) as {
    readonly results: readonly { readonly objectId: string }[];
  };
  for (const { objectId } of results) await askParse(parse, "DELETE", `/sessions/${objectId}`);
  return results.length;
}

/** Makes the server call `url` after an object was saved or deleted. @see https://docs.parseplatform.org/rest/guide/#hooks */
export async function hookParse(parse: ParseSystem, url: string): Promise<void> {
  for (const triggerName of ["afterSave", "afterDelete"])
    await askParse(parse, "POST", "/hooks/triggers", { className: "Contact", triggerName, url });
}

/** Deletes all objects. */
export async function emptyParse(parse: ParseSystem): Promise<void> {
  await askParse(parse, "DELETE", "/purge/Contact");
}
