import dns from "node:dns";
import { type Connection, defineConnector, type FailureClass, failureClasses, failureTexts, type Register } from "@belay/sdk";
import { createNetwork, systemClock } from "@belay/sdk/http";
import { expect, test } from "vitest";
import { oauthRenewer, type Renewer } from "../../packages/server/src/credentials/index.ts";
import { startOAuthServer } from "../oauth/start-oauth-server.ts";
import { faultRows, type FaultRow } from "./fault-rows.ts";
import { openProcesses } from "./processes.ts";

/* Each fault of a renewal, brought about at a real authorization server, with what it comes to for everybody: `docs/credential-faults.md`. */

const acme: Connection = { id: "acme-desk", tenant: "acme", connector: "desk" };
const hourMs = 3_600_000;

interface Told {
  readonly row: FaultRow;
  readonly class: FailureClass | undefined;
}

const told: Told[] = [];

test.each(faultRows)("$fault", async (row) => {
  await using server = await startOAuthServer({
    beforeToken: async () => (row.before === "hold" ? new Promise(() => {}) : (row.before ?? "answer")),
    afterToken: () => row.after ?? "answer",
  });
  await using network = createNetwork({ ...(row.nameless && { lookup: unknownHost }) });
  const { oauthClients, connectors, baseUrl } = declare(server, row);
  let renewer: Renewer | undefined;
  await using world = await openProcesses(1, (clock) => {
    const time = { now: clock.now, sleep: systemClock.sleep };
    const catalog = { config: { connectors: [], flows: [], connections: [], oauthClients }, connectors };
    // Only where no answer comes is it waited for; elsewhere a busy machine may take its time.
    renewer = oauthRenewer({ catalog, network, clock: time, answerMs: row.before === "hold" ? 300 : 20_000 });
    return renewer;
  });
  const connection = { ...acme, baseUrl };
  const consent = await server.consent();
  const { accessToken, refreshToken } = consent;
  const scopes = ["contacts.read", "contacts.write"];
  const { book } = world.all[0]!;
  const grant = { fields: { accessToken, refreshToken }, expiresAtMs: world.clock.now() + hourMs, refreshExpiresAtMs: null, scopes };
  await book.store(connection, grant, { actor: "jane" });
  await row.prepare?.(server, consent);
  await world.clock.move(2 * hourMs);
  await Promise.resolve(book.current(connection)).catch(() => {});
  const health = (await book.health([connection])).get(acme.id);
  expect(health).toMatchObject({ state: row.expects.state, code: row.expects.code });
  expect(await world.toldOf(connection)).toContain(row.expects.event);
  // One hour, whatever the provider's clock shows and also where it says nothing: the connector declares it.
  if (health?.state === "connected") expect(Date.parse(health.expiresAt ?? "") - world.clock.now()).toBeGreaterThan(hourMs - 60_000);
  if (health?.state === "connected") expect(Date.parse(health.expiresAt ?? "") - world.clock.now()).toBeLessThanOrEqual(hourMs);
  told.push({ row, class: row.expects.code === null ? row.class : renewer?.classOf(row.expects.code) });
});

test("docs/credential-faults.md says what came of them", async () => {
  expect(told).toHaveLength(faultRows.length);
  await expect(toDocument()).toMatchFileSnapshot("../../docs/credential-faults.md");
});

/** A connector of this provider, whose words for a lost account are its own. */
function declare({ auth, client, issuer }: Awaited<ReturnType<typeof startOAuthServer>>, { nameless }: FaultRow) {
  const home = nameless === true ? "http://desk.example" : issuer;
  const desk = defineConnector({
    id: "desk",
    title: "Desk",
    baseUrl: home,
    auth: {
      ...auth,
      issuer: home,
      tokenUrl: `${home}/token`,
      refusals: { rows: [{ code: "account_inactive", means: "accountGone" }] },
    },
    resources: {},
  });
  return { oauthClients: { desk: client }, connectors: new Map([[desk.id, desk]]), baseUrl: home };
}

const unknownHost: NonNullable<NonNullable<Parameters<typeof createNetwork>[0]>["lookup"]> = (hostname, _options, callback) =>
  callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: dns.NOTFOUND }), "");

function toDocument(): string {
  const rows = told.map(({ row: { fault, injected, expects }, class: name }) => {
    const texts = (["tenant", "support", "engineer"] as const).map((register) => textOf(name, register));
    const code = expects.code === null ? "" : `\`${expects.code}\``;
    const owner = name === undefined ? "nobody" : failureClasses[name].owner;
    return `| ${[fault, injected, `\`${expects.state}\``, code, `\`${expects.event.split(" ")[0]}\``, owner, ...texts].join(" | ")} |`;
  });
  return `# Faults of renewals, and what is told of them

Each is brought about at a real authorization server (oidc-provider), or in the answers that it gives, when the access token of a connection has expired. What it comes to is written
here by \`npm run unit -- test/credentials/fault-table -u\`; the same test compares. What to do: [credentials](guide/credentials.md); the classes: [failures](failures.md).

| fault | injected | state | code | event | who acts | the tenant is told | support is told | engineers are told |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function textOf(name: FailureClass | undefined, register: Register): string {
  if (name === undefined) return "";
  const { happened, remedy } = failureTexts[name][register];
  return `${happened} *${remedy}*`.replaceAll("{provider}", "Desk").replaceAll("{connection}", acme.id).replaceAll("|", "\\|");
}
