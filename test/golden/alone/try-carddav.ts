import { Secret } from "@belay/sdk";
import { createClient } from "@belay/sdk/http";
import { carddav } from "@belay/connector-carddav";
import type { Promises } from "../promises.ts";
import { deleteCard, putCard, readRadicale } from "../systems/read-radicale.ts";
import type { RadicaleSystem } from "../systems/start-radicale.ts";
import { openPorts } from "./ports.ts";

/** The connector against Radicale, without a Belay around it; what it did is read from the server directly. */
export async function tryCarddav(system: RadicaleSystem, { check, equal, refused }: Promises, many: number): Promise<void> {
  await using ports = openPorts();
  const connection = {
    id: "golden-carddav",
    tenant: "golden",
    connector: "carddav",
    baseUrl: `${system.url}${system.addressBook.replace(/\/$/, "")}`,
    credential: { username: new Secret(system.username), password: new Secret(system.password) },
  } as const;
  const { contact } = createClient(carddav, connection, ports);

  const created = await contact.create({
    id: "ada.vcf",
    fullName: "Ada Lovelace",
    emails: [{ address: "ada@example.com", kind: "work" }],
    note: "first, second; third\nfourth",
  });
  const card = readRadicale(system).get("ada.vcf") ?? "";
  check("carddav: what was created is at the server", card.includes("FN:Ada Lovelace") && card.includes("ada@example.com"));
  const read = await contact.get("ada.vcf");
  equal("carddav: a create is answered by the entity tag of the state", created.etag, read?.etag);
  equal("carddav: a text comes back as it was", read?.note, "first, second; third\nfourth");
  equal("carddav: a record is found by its name", (await contact.find({ id: "ada.vcf" }))?.fullName, "Ada Lovelace");
  equal("carddav: what is not there is read as nothing", await contact.get("nobody.vcf"), undefined);
  await refused(
    "carddav: a name that is taken is refused",
    () => contact.create({ id: "ada.vcf", fullName: "Another" }),
    "CARDDAV_CONTACT_CHANGED",
  );

  const etag = await putCard(system, "ada.vcf", [
    ...lines("ada", "Ada Lovelace"),
    "X-OWN;X-P=1:kept",
    "item1.TEL:+41 44 000 00 00",
    "item1.X-ABLabel:Bureau",
  ]);
  await refused(
    "carddav: an update of a state that has passed is refused",
    () => contact.update("ada.vcf", { jobTitle: "Countess", etag: created.etag }),
    "CARDDAV_CONTACT_CHANGED",
  );
  const updated = await contact.update("ada.vcf", { jobTitle: "Programmer", etag });
  const changed = readRadicale(system).get("ada.vcf") ?? "";
  check("carddav: an update changes its fields", changed.includes("TITLE:Programmer") && updated.jobTitle === "Programmer");
  check(
    "carddav: an update keeps what no contract knows",
    ["X-OWN;X-P=1:kept", "ITEM1.X-ABLABEL:Bureau"].every((line) => changed.toUpperCase().includes(line.toUpperCase())),
  );

  // Somebody else writes while many updates are under way: none of them may undo another.
  const fields = [{ note: "a" }, { organisation: "b" }, { givenName: "c" }] as const;
  await Promise.all(fields.map((one) => contact.update("ada.vcf", one)));
  const both = await contact.get("ada.vcf");
  equal("carddav: updates side by side keep each other's fields", [both?.note, both?.organisation, both?.givenName], ["a", "b", "c"]);

  for (let index = 0; index < many; index += 1) await putCard(system, `many-${index}.vcf`, lines(`many-${index}`, `Person ${index}`));
  const listed: string[] = [];
  for await (const record of contact.list()) listed.push(record.id);
  const there = [...readRadicale(system).keys()];
  equal("carddav: a listing has every card, once", listed.toSorted(), there.toSorted());

  await contact.delete("ada.vcf");
  check("carddav: what was deleted is gone", !readRadicale(system).has("ada.vcf"));
  await contact.delete("ada.vcf");
  await refused("carddav: an update of what is gone is refused", () => contact.update("ada.vcf", { note: "x" }), "CARDDAV_CONTACT_CHANGED");
  for (const name of readRadicale(system).keys()) await deleteCard(system, name);
}

function lines(uid: string, name: string): readonly string[] {
  return [`UID:${uid}`, `FN:${name}`, `N:;${name};;;`];
}
