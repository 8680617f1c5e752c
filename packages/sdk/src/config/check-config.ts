import { fieldsOf } from "../auth/fields.ts";
import type { AnyConnector } from "../connector/define-connector.ts";
import { limitShape } from "../connector/limit-shape.ts";
import { placeholdersOf, refuseSetting } from "../connector/placeholders.ts";
import { describe, describeKind, suggest } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { list, named, object, secret, text } from "../definition/shape.ts";
import type { Shape } from "../definition/shape.ts";
import { hostSource } from "../flow/define-events.ts";
import type { TwoWay } from "../sync/two-way/define-two-way.ts";
import { writtenSides } from "../sync/two-way/check-two-way.ts";
import { mappingOf } from "../sync/two-way/rules-of.ts";
import type { SideName } from "../sync/two-way/types.ts";
import { madeAtRunTime } from "./connection-ids.ts";
import type { Config, Connection, ConnectionTls } from "./define-config.ts";
import type { OAuthClient } from "./oauth-clients.ts";

const some = text("Give a text.");

const connection = object<Connection>({
  id: text("Give it an id, unique and stable, such as acme-zendesk."),
  tenant: text("Name the tenant whose account it is."),
  connector: text("Give the id of one of the connectors."),
  "settings?": named(some, "settings"),
  "baseUrl?": text("Start with https://, or with http:// on this machine.", /^https?:\/\//),
  "tls?": object<ConnectionTls>({ "ca?": secret, "cert?": secret, "key?": secret }),
  "limits?": list(limitShape, "limits"),
  "account?": some,
  "credential?": named(secret, "secrets"),
  "endpoint?": text("Use 16 to 64 random letters, digits, dashes or underscores.", /^[A-Za-z0-9_-]{16,64}$/),
  "webhookSecrets?": list(secret, "secrets"),
});

/** Made by `defineConnector` and `defineFlow`, which have checked the rest. */
const made = (what: string, define: string, mark: string): Shape => {
  return (value, field, refuse) => {
    const isMade = typeof value === "object" && value !== null && mark in value && "id" in value;
    if (!isMade)
      refuse(
        field,
        value === undefined ? "nothing" : "something else",
        `Give a ${what} made by ${define}; if it is imported, see that the name is exported.`,
      );
  };
};

const reference: Shape = (value, field, refuse) => {
  const isEvent = typeof value === "object" && value !== null && "type" in value && "schema" in value;
  if (!isEvent) refuse(field, describeKind(value), "Give what defineEvents made: events: app.");
};

const oauthClient = object<OAuthClient>({
  id: text("Give the id that the provider gave your application."),
  secrets: list(secret, "secrets"),
});

const config = object<Config>({
  connectors: list(made("connector", "defineConnector", "events"), "connectors"),
  flows: list(made("flow", "defineFlow", "run"), "flows"),
  connections: list(connection, "connections"),
  "syncs?": list(made("sync", "defineSync", "source"), "syncs"),
  "views?": list(made("view", "defineView", "of"), "views"),
  "batches?": list(made("batch", "defineBatch", "flow"), "batches"),
  "twoWays?": list(made("two-way sync", "defineTwoWay", "conflict"), "two-way syncs"),
  "events?": named(reference, "events"),
  "oauthClients?": named((value, field, refuse) => {
    if (value !== undefined) oauthClient(value, field, refuse);
  }, "clients"),
});

/** Everything that is checked about a configuration: first each field by itself, then what they say about each other. */
export function checkConfig(definition: Config, refuse: Refuse): void {
  config(definition, "", refuse);
  const { connectors, flows, connections } = definition;
  refuseRepeats("connectors", connectors, refuse);
  refuseRepeats("flows", flows, refuse);
  refuseRepeats("connections", connections, refuse);
  checkSyncs(definition, refuse);
  checkBatches(definition, refuse);
  checkTwoWays(definition, refuse);
  refuseRepeats("views", definition.views ?? [], refuse);
  checkEvents(definition, refuse);
  const ids = [hostSource, ...connectors.map(({ id }) => id)];
  for (const flow of flows) {
    for (const id of [
      flow.to.id,
      ...Object.values(flow.connections ?? {}).map((further) => further.id),
      ...flow.on.map((on) => on.connector),
    ])
      if (!ids.includes(id)) refuse("connectors", `no "${id}"`, `Flow "${flow.id}" uses this connector; add it.`);
  }
  checkOAuthClients(definition, refuse);
  connections.forEach((each, index) => checkConnection(each, `connections.${index}`, connectors, connections, refuse));
}

/** Flows and syncs share the places where work is kept: an id is one or the other. */
function checkSyncs({ connectors, flows, syncs = [] }: Config, refuse: Refuse): void {
  refuseRepeats("syncs", syncs, refuse);
  syncs.forEach(({ id, source, filters = {} }, index) => {
    const field = `syncs.${index}`;
    if (flows.some((flow) => flow.id === id)) refuse(`${field}.id`, describe(id), "A flow has it already; give each its own id.");
    const connector = connectors.find((one) => one.id === source.connector);
    if (connector === undefined) return refuse("connectors", `no "${source.connector}"`, `Sync "${id}" reads from this connector; add it.`);
    const listing = connector.resources[source.resource]?.list;
    if (listing === undefined)
      return refuse(
        `${field}.source`,
        `${source.connector}.${source.resource}, which cannot be listed`,
        "Declare how the provider lists it: resources.….list in the connector.",
      );
    // Records are kept by connection and resource: each would write over what the other keeps, and delete what it does not list itself.
    const other = syncs.slice(0, index).find((one) => one.source.connector === source.connector && one.source.resource === source.resource);
    if (other !== undefined)
      return refuse(
        `${field}.source`,
        `${source.connector}.${source.resource}, which sync "${other.id}" reads already`,
        "Read it by one sync, or give the connector a second resource for the same path: each keeps its own records.",
      );
    const known = Object.keys(listing.filters ?? {});
    const stranger = Object.keys(filters).find((name) => !known.includes(name));
    if (stranger !== undefined) refuse(`${field}.filters.${stranger}`, "a filter that the listing does not have", suggest(stranger, known));
    return undefined;
  });
}

/** Messages name flows, syncs and batches in one place: an id is one of them. */
function checkBatches({ connectors, flows, syncs = [], batches = [] }: Config, refuse: Refuse): void {
  refuseRepeats("batches", batches, refuse);
  batches.forEach(({ id, to, flow }, index) => {
    for (const [name, resource] of Object.entries(flow.lists ?? {}))
      checkListed({ id, connector: flow.connections?.[name]?.id ?? "", resource });
    if ([...flows, ...syncs].some((other) => other.id === id))
      refuse(`batches.${index}.id`, describe(id), "A flow or a sync has it already; give each its own id.");
    if (!connectors.some((connector) => connector.id === to.id))
      refuse("connectors", `no "${to.id}"`, `Batch "${id}" writes to this connector; add it.`);
  });

  function checkListed({
    id,
    connector: from,
    resource,
  }: {
    readonly id: string;
    readonly connector: string;
    readonly resource: string;
  }): void {
    const connector = connectors.find((one) => one.id === from);
    if (connector === undefined) return refuse("connectors", `no "${from}"`, `Batch "${id}" reads from this connector; add it.`);
    if (connector.resources[resource]?.list !== undefined) return undefined;
    const remedy = "Declare how the provider lists it: resources.….list in the connector.";
    return refuse("batches", `${from}.${resource}, which cannot be listed`, remedy);
  }
}

/** Flows, syncs, batches and two-way syncs share the places where work is kept. */
function checkTwoWays({ connectors, flows, syncs = [], batches = [], twoWays = [] }: Config, refuse: Refuse): void {
  refuseRepeats("twoWays", twoWays, refuse);
  twoWays.forEach((twoWay, index) => {
    const field = `twoWays.${index}`;
    if ([...flows, ...syncs, ...batches].some((other) => other.id === twoWay.id))
      refuse(`${field}.id`, describe(twoWay.id), "A flow, a sync or a batch has it already; give each its own id.");
    for (const side of ["a", "b"] as const) {
      const { sync } = twoWay[side];
      if (!syncs.includes(sync))
        refuse(`${field}.${side}.sync`, `"${sync.id}", which is not in syncs`, "Add it to syncs: it reads this side.");
    }
    for (const side of writtenSides(twoWay)) checkWritten(twoWay, side, connectors, `${field}.${side}.sync`, refuse);
  });
}

function checkWritten(
  { deletes, ...sides }: TwoWay,
  side: SideName,
  connectors: Config["connectors"],
  field: string,
  refuse: Refuse,
): void {
  const { sync } = sides[side];
  const { connector, resource: name } = sync.source;
  const resource = connectors.find((one) => one.id === connector)?.resources[name];
  const can = {
    create: (mappingOf(sync)?.create ?? resource?.create) !== undefined,
    update: resource?.update !== undefined,
    delete: resource?.delete !== undefined || deletes === "none" || deletes === side,
  };
  const missing = (["create", "update", "delete"] as const).find((operation) => !can[operation]);
  if (missing === undefined) return;
  const otherwise = missing === "delete" ? `, or say deletes: "${side}" or "none"` : "";
  refuse(field, `${connector}.${name}, which has no ${missing}`, `Declare it in the connector: resources.${name}.${missing}${otherwise}.`);
}

/** Only what is there is checked: a client is missed by the connection that needs it, when it does. */
function checkOAuthClients({ oauthClients = {}, connectors }: Config, refuse: Refuse): void {
  const candidates = connectors.filter(({ auth }) => auth.kind === "oauth2");
  for (const [id, client] of Object.entries(oauthClients)) {
    if (client === undefined) continue;
    const { secrets } = client;
    const connector = candidates.find((one) => one.id === id);
    if (connector === undefined) {
      const known = candidates.map((one) => one.id);
      refuse(`oauthClients.${id}`, "no connector of that id whose auth is oauth2", suggest(id, known));
    } else if (secrets.length === 0 && connector.auth.kind === "oauth2" && connector.auth.clientAuthentication !== "none")
      refuse(`oauthClients.${id}.secrets`, "an empty list", `The client of "${id}" has to prove who it is: give its secret.`);
  }
}

/** The host application's own. */
function checkEvents({ connectors, connections, events, flows }: Config, refuse: Refuse): void {
  for (const { id, on } of flows) {
    const missing = on.find(({ connector, type }) => connector === hostSource && !Object.hasOwn(events ?? {}, type));
    if (missing !== undefined)
      refuse(
        `events.${missing.type}`,
        "nothing",
        `Flow "${id}" listens to this event of the host application: add its definition to events.`,
      );
  }
  if (events === undefined) return;
  for (const [field, entries] of Object.entries({ connectors, connections })) {
    const index = entries.findIndex(({ id }) => id === hostSource);
    if (index !== -1) refuse(`${field}.${index}.id`, describe(hostSource), "It stands for the host application; call this one otherwise.");
  }
}

function refuseRepeats(field: string, entries: readonly { readonly id: string }[], refuse: Refuse): void {
  const index = entries.findIndex(({ id }, at) => entries.findIndex((other) => other.id === id) < at);
  if (index !== -1) refuse(`${field}.${index}.id`, describe(entries[index]?.id), "It is there twice; give each its own id.");
}

function checkConnection(
  each: Connection,
  field: string,
  connectors: readonly AnyConnector[],
  connections: readonly Connection[],
  refuse: Refuse,
): void {
  if (each.id.startsWith(madeAtRunTime))
    refuse(`${field}.id`, describe(each.id), `Call it otherwise: connections that are made while Belay runs begin with ${madeAtRunTime}.`);
  const connector = connectors.find(({ id }) => id === each.connector);
  if (connector === undefined) {
    const known = connectors.map(({ id }) => id);
    return refuse(
      `${field}.connector`,
      describe(each.connector),
      `${suggest(each.connector, known)} It must be the id of one of connectors.`,
    );
  }
  checkSettings(each, field, connector, refuse);
  checkTls(each, field, refuse);
  checkCredential(each, field, connector, refuse);
  if (each.endpoint === undefined) {
    if (each.webhookSecrets !== undefined && each.webhookSecrets.length > 0)
      refuse(`${field}.endpoint`, "nothing", "There are webhookSecrets: give the endpoint at which its webhooks arrive too.");
    return undefined;
  }
  const { endpoint } = each;
  if (connections.some((other) => other !== each && other.endpoint === endpoint))
    refuse(`${field}.endpoint`, "one that another connection has", "Draw another: each connection has its own.");
  if (connector.webhooks === undefined)
    refuse(`${field}.endpoint`, describe(endpoint), `Connector "${connector.id}" declares no webhooks; leave it out, or declare them.`);
  if ((each.webhookSecrets ?? []).length === 0)
    refuse(`${field}.webhookSecrets`, "nothing", "Give at least one, or nothing that arrives can be believed.");
  return undefined;
}

function checkSettings({ settings = {}, baseUrl }: Connection, field: string, connector: AnyConnector, refuse: Refuse): void {
  const placeholders = placeholdersOf(connector.baseUrl);
  const missing = placeholders.find((name) => settings[name] === undefined);
  // With a base URL of its own, the connector's is not used.
  if (missing !== undefined && baseUrl === undefined)
    refuse(
      `${field}.settings.${missing}`,
      "nothing",
      `The address of "${connector.id}" is ${connector.baseUrl}: give the value for {${missing}}.`,
    );
  const stranger = Object.keys(settings).find((name) => !placeholders.includes(name));
  if (stranger !== undefined)
    refuse(`${field}.settings.${stranger}`, "a setting that the connector's address does not have", suggest(stranger, placeholders));
  for (const [name, value] of Object.entries(settings)) {
    const remedy = refuseSetting(connector.baseUrl, name, value);
    if (remedy !== undefined) refuse(`${field}.settings.${name}`, describe(value), remedy);
  }
}

function checkTls({ tls }: Connection, field: string, refuse: Refuse): void {
  if (tls === undefined || (tls.cert === undefined) === (tls.key === undefined)) return;
  const missing = tls.cert === undefined ? "cert" : "key";
  refuse(`${field}.tls.${missing}`, "nothing", "A certificate is shown together with its key: give both, or neither.");
}

function checkCredential({ credential }: Connection, field: string, connector: AnyConnector, refuse: Refuse): void {
  if (credential === undefined) return;
  const { needed, known } = fieldsOf(connector.auth);
  const stranger = Object.keys(credential).find((name) => !known.includes(name));
  if (stranger !== undefined)
    refuse(`${field}.credential.${stranger}`, `a field that auth "${connector.auth.kind}" does not have`, suggest(stranger, known));
  const missing = needed.find((name) => credential[name] === undefined);
  if (missing !== undefined)
    refuse(
      `${field}.credential.${missing}`,
      "nothing",
      `The auth of "${connector.id}" is "${connector.auth.kind}", which needs ${needed.join(" and ")}.`,
    );
}
