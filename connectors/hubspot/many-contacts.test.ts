import { Secret } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, runInOperation, systemClock } from "@belay/sdk/http";
import { inProcessNetwork, simulate } from "@belay/testkit";
import type { Fault, Simulator } from "@belay/testkit";
import { expect, it } from "vitest";
import { hubspot } from "./index.ts";

type Client = ReturnType<typeof createClient<typeof hubspot>>;

async function open(): Promise<{ readonly simulator: Simulator; readonly contact: Client["contact"] }> {
  const credential = { token: new Secret("t") };
  const simulator = await simulate(hubspot, { accounts: { acme: credential }, listen: false });
  const connection = { id: "acme-hubspot", tenant: "acme", connector: "hubspot", baseUrl: simulator.url("acme"), credential };
  const client = createClient(hubspot, connection, {
    clock: systemClock,
    random: () => 0,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    network: inProcessNetwork([simulator]),
  });
  return { simulator, contact: client.contact };
}

const customers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ stripe_customer_id: `cus_${index}`, email: `c${index}@example.com` }));

/** Each as a run of its own would write it. */
function createEach(contact: Client["contact"], inputs: ReturnType<typeof customers>): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.allSettled(
    inputs.map((input) =>
      runInOperation(
        {
          key: input.stripe_customer_id,
          suspect: false,
          leaseCheck: () => undefined,
          signal: new AbortController().signal,
          deadlineAt: Number.POSITIVE_INFINITY,
        },
        () => contact.create(input),
      ),
    ),
  );
}

const paths = (simulator: Simulator) => simulator.history().map(({ method, path }) => `${method} ${path}`);

it("100 contacts are created by one call; three that HubSpot refuses spare the other 97", async () => {
  const { simulator, contact } = await open();
  simulator.refuse(({ fields }) => ["cus_3", "cus_50", "cus_99"].includes(String(fields["stripe_customer_id"])));
  const settled = await createEach(contact, customers(100));
  expect(paths(simulator)).toEqual(["POST /crm/v3/objects/contacts/batch/create"]);
  expect(simulator.history()[0]?.answer).toMatchObject({ status: 207 });
  expect(simulator.records("contact")).toHaveLength(97);
  const refused = settled.flatMap((one, index) => (one.status === "rejected" ? [[index, one.reason.code]] : []));
  expect(refused).toEqual([
    [3, "HUBSPOT_RECORD_INVALID"],
    [50, "HUBSPOT_RECORD_INVALID"],
    [99, "HUBSPOT_RECORD_INVALID"],
  ]);
});

it("a taken e-mail address among many is told as HubSpot tells it of one", async () => {
  const { contact } = await open();
  await createEach(contact, [{ stripe_customer_id: "cus_x", email: "c1@example.com" }]);
  const settled = await createEach(contact, customers(3));
  expect(settled.map((one) => (one.status === "rejected" ? one.reason.code : "ok"))).toEqual(["ok", "HUBSPOT_CONTACT_EXISTS", "ok"]);
});

it("contacts of a call whose answer is lost are looked for, and none is there twice", async () => {
  const { simulator, contact } = await open();
  simulator.addFault({ path: "/crm/v3/objects/contacts/batch/create", times: 1, fault: { kind: "reset-after-commit" } });
  const settled = await createEach(contact, customers(5));
  expect(settled.every(({ status }) => status === "fulfilled")).toBe(true);
  expect(simulator.writes("contact")).toHaveLength(5);
  expect(paths(simulator).filter((path) => path.startsWith("POST"))).toHaveLength(1);
});

it("a contact of which the answer says nothing is looked for, and the others are not", async () => {
  const { simulator, contact } = await open();
  const fault: Fault = { kind: "items", items: [{ position: 1, as: "unmentioned" }] };
  simulator.addFault({ path: "/crm/v3/objects/contacts/batch/create", times: 1, fault });
  await createEach(contact, customers(3));
  expect(simulator.writes("contact")).toHaveLength(3);
  expect(paths(simulator).filter((path) => path.startsWith("GET"))).toHaveLength(1);
});

it("contacts are updated by id, and a lost one says so", async () => {
  const { simulator, contact } = await open();
  const created = await contact.createMany(customers(2));
  const ids = created.map((one) => (one.ok ? one.record.id : ""));
  const outcomes = await contact.updateMany([...ids, "4711"].map((id, index) => ({ id, input: { company: `Company ${index}` } })));
  expect(outcomes.map((one) => (one.ok ? one.record.properties.company : one.error.code))).toEqual([
    "Company 0",
    "Company 1",
    "HUBSPOT_NOT_FOUND",
  ]);
  expect(simulator.records("contact").map(({ fields }) => fields["company"])).toEqual(["Company 0", "Company 1"]);
});

it("an upsert creates once and changes after that", async () => {
  const { simulator, contact } = await open();
  await contact.upsertMany(customers(2));
  await contact.upsert({ stripe_customer_id: "cus_1", company: "Analytical Engines" });
  expect(simulator.records("contact").map(({ fields }) => fields["company"])).toEqual([undefined, "Analytical Engines"]);
});
