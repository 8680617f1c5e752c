import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { defineConfig } from "../config/define-config.ts";
import { isBelayError } from "../errors/belay-error.ts";
import { defineFlow } from "../flow/define-flow.ts";
import { Secret } from "../secret.ts";
import {
  configWith,
  connectionWith,
  connectorWith,
  crm,
  deal,
  definitionsFile,
  flow,
  flowWith,
  other,
  resourceWith,
  valid,
  validConfig,
  validFlow,
  without,
} from "./__fixtures__/definitions.ts";

/* What a newcomer gets wrong, and what is said to it: word for word. */

const wrong: readonly (readonly [() => unknown, string, string, string])[] = [
  [
    connectorWith({ id: "My CRM" }),
    "SDK_CONNECTOR_INVALID",
    "id",
    'Connector "My CRM", id: found "My CRM". Use lower-case letters, digits and dashes, at most 40, starting with a letter.',
  ],
  [
    connectorWith({ title: undefined }),
    "SDK_CONNECTOR_INVALID",
    "title",
    'Connector "crm", title: found nothing. Give the provider\'s name as people know it.',
  ],
  [
    connectorWith({ baseUrl: "crm.example" }),
    "SDK_CONNECTOR_INVALID",
    "baseUrl",
    'Connector "crm", baseUrl: found "crm.example". Start with https://.',
  ],
  [
    connectorWith({ baseURL: "https://x.example" }),
    "SDK_CONNECTOR_INVALID",
    "baseURL",
    'Connector "crm", baseURL: found a field that does not exist. Did you mean "baseUrl"?',
  ],
  [
    connectorWith({ auth: undefined }),
    "SDK_CONNECTOR_INVALID",
    "auth",
    'Connector "crm", auth: found nothing. Give an object with kind: one of bearer, basic, apiKey, headers, oauth2, jwtBearer, session.',
  ],
  [
    connectorWith({ bodies: "yaml" }),
    "SDK_CONNECTOR_INVALID",
    "bodies",
    'Connector "crm", bodies: found "yaml". Use one of json, form, multipart, xml, csv, ndjson, text.',
  ],
  [
    connectorWith({ limits: [{ requests: 100, per: "minute" }] }),
    "SDK_CONNECTOR_INVALID",
    "limits.0.per",
    'Connector "crm", limits.0.per: found "minute". Write a number and a unit, such as "10s" or "2h".',
  ],
  [
    connectorWith({ errors: [{ status: 422, code: "bad", class: "record-refused", retry: "never", meaning: "Bad." }] }),
    "SDK_CONNECTOR_INVALID",
    "errors.0.code",
    'Connector "crm", errors.0.code: found "bad". Give a stable code in capitals, prefixed by the connector: ZENDESK_RECORD_INVALID.',
  ],
  [
    connectorWith({ errors: [{ status: 422, code: "CRM_BAD", class: "record-refusd", retry: "never", meaning: "Bad." }] }),
    "SDK_CONNECTOR_INVALID",
    "errors.0.class",
    'Connector "crm", errors.0.class: found "record-refusd". Did you mean "record-refused"?',
  ],
  [
    connectorWith({ versions: { in: "path", use: "v2", known: [{ version: "v1" }] } }),
    "SDK_CONNECTOR_INVALID",
    "versions.use",
    'Connector "crm", versions.use: found "v2". It must be one of versions.known. Did you mean "v1"?',
  ],
  [
    resourceWith({ path: "deals" }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.path",
    'Connector "crm", resources.deal.path: found "deals". Start with a slash.',
  ],
  [
    resourceWith({ schema: { id: "string" } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.schema",
    'Connector "crm", resources.deal.schema: found an object. Give a schema of a Standard Schema library: zod, valibot, arktype.',
  ],
  [
    resourceWith({ craete: deal.create }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.craete",
    'Connector "crm", resources.deal.craete: found a field that does not exist. Did you mean "create"?',
  ],
  [
    resourceWith({ create: { input: deal.create.input } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.create.safety",
    'Connector "crm", resources.deal.create.safety: found nothing. Give an object with kind: one of key, readBack, natural, once.',
  ],
  [
    resourceWith({ create: { ...deal.create, safety: { kind: "readBack", readBack: { by: "name" } } } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.create.safety.readBack.by",
    'Connector "crm", resources.deal.create.safety.readBack.by: found "name". It must be one of find.by, or the record cannot be found again.',
  ],
  [
    resourceWith({ list: { paging: { kind: "offset", parameter: "start" } } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.list.paging.end",
    'Connector "crm", resources.deal.list.paging.end: found nothing. Give an object with one of total, more, emptyPage.',
  ],
  [
    resourceWith({ list: { paging: { kind: "keyset", parameter: "after", more: "has_more" } } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.list.paging",
    'Connector "crm", resources.deal.list.paging: found "has_more". The answer is a bare list, which holds no such member; declare wrap.many.',
  ],
  [
    resourceWith({ list: { paging: { kind: "none" }, size: { parameter: "n", default: 50, max: 10 } } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.list.size.default",
    'Connector "crm", resources.deal.list.size.default: found 50. Give a number from 1 to max.',
  ],
  [
    resourceWith({ bodies: "xml" }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.wrap.one",
    'Connector "crm", resources.deal.wrap.one: found nothing. XML needs a root element: name the one that the provider wants around a record.',
  ],
  [
    resourceWith({ bodies: "xml", wrap: { one: "deal", sent: false } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.wrap.sent",
    'Connector "crm", resources.deal.wrap.sent: found false. XML needs a root element: name the one that the provider wants around a record.',
  ],
  [
    resourceWith({ wrap: { sent: true } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.wrap.sent",
    'Connector "crm", resources.deal.wrap.sent: found true. Name the member, or write false where there is none.',
  ],
  [
    resourceWith({ wrap: { sent: false } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.wrap.sent",
    'Connector "crm", resources.deal.wrap.sent: found false. There is no wrap.one that it could leave away; leave it out.',
  ],
  [
    resourceWith({ path: "/deals/{id}" }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.path",
    'Connector "crm", resources.deal.path: found "/deals/{id}". This is where all records are; put the path of one into recordPath.',
  ],
  [
    resourceWith({ path: "/deals.xml", recordPath: "/deals/id.xml" }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.recordPath",
    'Connector "crm", resources.deal.recordPath: found "/deals/id.xml". Write {id} once, where the record\'s id stands, such as /issues/{id}.xml.',
  ],
  [
    resourceWith({ path: "/{team}/deals", recordPath: "/{account}/deals/{id}" }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.recordPath",
    'Connector "crm", resources.deal.recordPath: found {account}. The path has no such placeholder, and in() asks for those of the path: {team}.',
  ],
  [
    resourceWith({ recordPath: "/{version}/deals/{id}" }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.recordPath",
    'Connector "crm", resources.deal.recordPath: found "/{version}/deals/{id}". It has {version}: declare versions with in: "path".',
  ],
  [
    resourceWith({ update: { ...deal.create, method: "PUT", returns: "nothing", response: () => ({}) } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.update.response",
    'Connector "crm", resources.deal.update.response: found a function. The update returns "nothing", so no answer is read; leave one of them out.',
  ],
  [
    resourceWith({ update: { ...deal.create, method: "PUT", returns: "none" } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.update.returns",
    'Connector "crm", resources.deal.update.returns: found "none". Use one of record, nothing.',
  ],
  [
    resourceWith({ find: { by: ["name", "number"], style: { kind: "path" } } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.find.by",
    'Connector "crm", resources.deal.find.by: found 2 fields. Without a parameter the path does not say which is meant; name the one.',
  ],
  [
    resourceWith({ references: { owner_id: "owner" } }),
    "SDK_CONNECTOR_INVALID",
    "resources.deal.references.owner_id",
    'Connector "crm", resources.deal.references.owner_id: found "owner". Use one of deal.',
  ],
  [
    connectorWith({ webhooks: { ...valid.webhooks, events: { "deal.won": "deal" } } }),
    "SDK_CONNECTOR_INVALID",
    "webhooks.events.deal.won",
    'Connector "crm", webhooks.events.deal.won: found a text. Give a schema of a Standard Schema library: zod, valibot, arktype.',
  ],
  [
    connectorWith({ webhooks: { ...valid.webhooks, id: undefined } }),
    "SDK_CONNECTOR_INVALID",
    "webhooks.id",
    'Connector "crm", webhooks.id: found nothing. Say where the event\'s id is: { body: "id", signed: true }; or write "digest" where the provider gives it none.',
  ],
  [
    connectorWith({ webhooks: { ...valid.webhooks, examples: { "deal.one": async () => ({}) } } }),
    "SDK_CONNECTOR_INVALID",
    "webhooks.examples.deal.one",
    'Connector "crm", webhooks.examples.deal.one: found a type that webhooks.events does not declare. Did you mean "deal.won"?',
  ],
  [
    flowWith({ id: "Deals!" }),
    "SDK_FLOW_INVALID",
    "id",
    'Flow "Deals!", id: found "Deals!". Use lower-case letters, digits and dashes, at most 80, starting with a letter.',
  ],
  [
    flowWith({ on: (crm.events as Record<string, unknown>)["deal.wun"] }),
    "SDK_FLOW_INVALID",
    "on",
    'Flow "deals", on: found nothing. Name a declared event, such as github.events.issues; a slip in its name gives nothing.',
  ],
  [
    flowWith({ on: [] }),
    "SDK_FLOW_INVALID",
    "on",
    'Flow "deals", on: found an empty list. Name at least one declared event, such as github.events.issues.',
  ],
  [
    flowWith({ to: "crm" }),
    "SDK_FLOW_INVALID",
    "to",
    'Flow "deals", to: found a text. Give a connector made by defineConnector; if it is imported, see that the name is exported.',
  ],
  [flowWith({ run: undefined }), "SDK_FLOW_INVALID", "run", 'Flow "deals", run: found nothing. Give a function.'],
  [
    flowWith({ orderBy: () => 1 }),
    "SDK_FLOW_INVALID",
    "orderBy",
    'Flow "deals", orderBy: found a field that does not exist. Did you mean "orderKey"?',
  ],
  [
    flowWith({ on: [crm.events["deal.won"], { connector: "other", type: "x", schema: deal.schema }] }),
    "SDK_FLOW_INVALID",
    "on",
    'Flow "deals", on: found events of "crm" and "other". All events must be of one connector; write a flow for each.',
  ],
  [
    configWith({ conections: [] }),
    "SDK_CONFIG_INVALID",
    "conections",
    'Configuration, conections: found a field that does not exist. Did you mean "connections"?',
  ],
  [configWith({ flows: flow }), "SDK_CONFIG_INVALID", "flows", "Configuration, flows: found an object. Give a list of flows."],
  [
    configWith({ flows: [undefined] }),
    "SDK_CONFIG_INVALID",
    "flows.0",
    "Configuration, flows.0: found nothing. Give a flow made by defineFlow; if it is imported, see that the name is exported.",
  ],
  [
    configWith({ flows: [flow, flow] }),
    "SDK_CONFIG_INVALID",
    "flows.1.id",
    'Configuration, flows.1.id: found "deals". It is there twice; give each its own id.',
  ],
  [
    configWith({ connectors: [other], connections: [] }),
    "SDK_CONFIG_INVALID",
    "connectors",
    'Configuration, connectors: found no "crm". Flow "deals" uses this connector; add it.',
  ],
  [
    connectionWith({ connector: "crn" }),
    "SDK_CONFIG_INVALID",
    "connections.0.connector",
    'Configuration, connections.0.connector: found "crn". Did you mean "crm"? It must be the id of one of connectors.',
  ],
  [
    connectionWith({ id: "conn_7" }),
    "SDK_CONFIG_INVALID",
    "connections.0.id",
    'Configuration, connections.0.id: found "conn_7". Call it otherwise: connections that are made while Belay runs begin with conn_.',
  ],
  [
    connectionWith({ tenent: "acme" }),
    "SDK_CONFIG_INVALID",
    "connections.0.tenent",
    'Configuration, connections.0.tenent: found a field that does not exist. Did you mean "tenant"?',
  ],
  [
    connectionWith({ credential: { username: new Secret("u") } }),
    "SDK_CONFIG_INVALID",
    "connections.0.credential.password",
    'Configuration, connections.0.credential.password: found nothing. The auth of "crm" is "basic", which needs username and password.',
  ],
  [
    connectionWith({ credential: { token: new Secret("t") } }),
    "SDK_CONFIG_INVALID",
    "connections.0.credential.token",
    'Configuration, connections.0.credential.token: found a field that auth "basic" does not have. Use one of username, password.',
  ],
  [
    connectionWith({ credential: { username: "ann", password: "hunter2" } }),
    "SDK_CONFIG_INVALID",
    "connections.0.credential.username",
    'Configuration, connections.0.credential.username: found a text. Wrap it, so that it cannot be logged: new Secret(process.env["…"] ?? "").',
  ],
  [
    connectionWith({ settings: { regoin: "eu" } }),
    "SDK_CONFIG_INVALID",
    "connections.0.settings.region",
    'Configuration, connections.0.settings.region: found nothing. The address of "crm" is https://{region}.crm.example: give the value for {region}.',
  ],
  [
    connectionWith({ endpoint: "short" }),
    "SDK_CONFIG_INVALID",
    "connections.0.endpoint",
    'Configuration, connections.0.endpoint: found "short". Use 16 to 64 random letters, digits, dashes or underscores.',
  ],
  [
    without("webhookSecrets"),
    "SDK_CONFIG_INVALID",
    "connections.0.webhookSecrets",
    "Configuration, connections.0.webhookSecrets: found nothing. Give at least one, or nothing that arrives can be believed.",
  ],
  [
    without("endpoint"),
    "SDK_CONFIG_INVALID",
    "connections.0.endpoint",
    "Configuration, connections.0.endpoint: found nothing. There are webhookSecrets: give the endpoint at which its webhooks arrive too.",
  ],
];

const own = relative(process.cwd(), definitionsFile);

describe("a wrong definition is refused with field, finding, remedy and place", () => {
  test.each(wrong.map(([define, code, field, text]) => ({ define, code, field, text })))("$text", ({ define, code, field, text }) => {
    const error = thrownBy(define);
    expect(error).toMatchObject({ code, retry: "never", details: { field, file: own, line: expect.any(Number) as number } });
    expect(error.message).toBe(`${text} (${own}:${String(error.details["line"])})`);
  });

  test("there are at least thirty of them, and the definitions they spoil are right", () => {
    expect(wrong.length).toBeGreaterThanOrEqual(30);
    expect(defineConfig(validConfig)).toMatchObject({ connections: [{ id: "acme-crm" }] });
  });

  test("the line is the one at which the definition begins", () => {
    const error = thrownBy(() => defineFlow({ ...validFlow, id: "" }));
    const line = import.meta.filename && new Error("here").stack?.split("\n")[1]?.match(/:(\d+):\d+\)?$/)?.[1];
    expect(error.details["line"]).toBe(Number(line) - 1);
  });

  test("no secret is shown", () => {
    const error = thrownBy(connectionWith({ credential: { username: "ann", password: "hunter2" }, webhookSecrets: ["s3cret"] }));
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/hunter2|s3cret|"ann"/);
  });
});

function thrownBy(define: () => unknown) {
  try {
    define();
  } catch (error) {
    if (isBelayError(error)) return error;
    throw error;
  }
  throw new Error("It was taken.");
}
