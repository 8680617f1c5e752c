import { Secret, authorize, recordPathOf } from "@belay/sdk";
import type { Auth, ConnectorDefinition, Resource } from "@belay/sdk";
import type { Simulator } from "@belay/testkit";
import { alignColumns } from "./table.ts";

/** An account of a simulator, with what opens it. */
export interface OpenAccount {
  readonly name: string;
  readonly credential: Readonly<Record<string, string>>;
  readonly webhookSecret: string | undefined;
}

type PlaceIn = (path: string, account: string) => Readonly<Record<string, string>>;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly does: string;
}

/** What the simulator serves, for programs. */
export function simulatorFacts(connector: ConnectorDefinition, simulator: Simulator, accounts: readonly OpenAccount[]): object {
  return {
    connector: connector.id,
    url: simulator.origin,
    accounts: Object.fromEntries(
      accounts.map(({ name, credential, webhookSecret }) => [
        name,
        { url: simulator.url(name), credential, ...(webhookSecret && { webhookSecret }) },
      ]),
    ),
    routes: routesOf(connector),
    events: Object.keys(connector.webhooks?.events ?? {}),
    control: `${simulator.origin}/_simulator`,
  };
}

/** The same for a person, with commands to copy. */
export function describeSimulator(
  connector: ConnectorDefinition,
  simulator: Simulator,
  accounts: readonly OpenAccount[],
  {
    webhooksTo,
    placeIn,
  }: {
    readonly webhooksTo: string | undefined;
    /** Where records live by themselves, for the placeholders of a path. */
    readonly placeIn: PlaceIn;
  },
): string {
  const [first] = accounts;
  const routes = routesOf(connector);
  const control = `${simulator.origin}/_simulator`;
  const sections = [
    `${connector.title} is simulated at ${simulator.origin}. Stop it with Ctrl-C; then everything in it is gone.`,
    titled(
      "base URLs, each an account of its own, and what opens it",
      alignColumns(accounts.map(({ name, credential }) => [simulator.url(name), describeCredential(credential)])),
    ),
    ...(first === undefined || routes.length === 0
      ? []
      : [
          titled("routes below a base URL", alignColumns(routes.map(({ method, path, does }) => [method, path, does]))),
          titled("try one", `  ${curlOf(connector.auth, first, simulator, routes, placeIn)}`),
        ]),
    ...(connector.webhooks === undefined || first === undefined ? [] : [describeWebhooks(connector, control, accounts, webhooksTo)]),
    titled(
      "make it fail",
      alignColumns([
        ["the next request", `${curl("POST", `${control}/faults`)} '{"times":1,"fault":{"kind":"answer","failure":"unavailable"}}'`],
        ["one in five", `${curl("PUT", `${control}/faults`)} '{"serverError":0.1,"timeoutAfterCommit":0.1}'`],
        ["nothing any more", `${curl("PUT", `${control}/faults`)} '{}'`],
      ]),
    ),
    titled(
      "look",
      alignColumns([
        ["what happened", `curl -s ${control}/history`],
        ["what else can be asked", `curl -s ${control}`],
      ]),
    ),
  ];
  return `${sections.join("\n\n")}\n`;
}

function describeWebhooks(
  { webhooks }: ConnectorDefinition,
  control: string,
  accounts: readonly OpenAccount[],
  webhooksTo: string | undefined,
): string {
  const types = Object.keys(webhooks?.events ?? {});
  const secrets = [...new Set(accounts.flatMap(({ webhookSecret }) => webhookSecret ?? []))];
  return titled(
    `webhooks: ${types.join(", ")}`,
    alignColumns([
      ["signed with", secrets.join(", ")],
      ...(webhooksTo === undefined ? [] : [["going to", webhooksTo]]),
      [
        webhooksTo === undefined ? "send them to" : "and to",
        `${curl("POST", `${control}/endpoints`)} '{"url":"http://127.0.0.1:4000/in/…","secret":"${secrets[0] ?? ""}"}'`,
      ],
      ["send one", `${curl("POST", `${control}/webhooks`)} '{"type":"${types[0] ?? ""}"}'`],
      ["what came of it", `curl -s ${control}/webhooks`],
    ]),
  );
}

function titled(title: string, body: string): string {
  return `${title}\n${body}`;
}

function curl(method: string, url: string): string {
  // A body makes it a POST by itself.
  return `curl -s ${method === "POST" ? "" : `-X ${method} `}${url} -H 'content-type: application/json' -d`;
}

function routesOf({ resources }: ConnectorDefinition): readonly Route[] {
  return Object.entries(resources).flatMap(([name, resource]) => routesOfResource(name, resource));
}

function routesOfResource(name: string, resource: Resource): readonly Route[] {
  const { path, create, get, find, list, update, delete: remove } = resource;
  const recordPath = recordPathOf(resource);
  const by = find?.by.join(" or ");
  const one = `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
  return [
    ...(list ? [{ method: "GET", path, does: `list every ${name}` }] : []),
    ...(create ? [{ method: "POST", path, does: `create ${one}` }] : []),
    ...(get ? [{ method: "GET", path: recordPath, does: `read ${one}` }] : []),
    ...(find?.style.kind === "query" ? [{ method: "GET", path: `${path}?${find.by[0] ?? ""}=…`, does: `find ${one} by ${by}` }] : []),
    ...(find?.style.kind === "path"
      ? [{ method: "GET", path: findPath(recordPath, find.style.parameter, find.by[0]), does: `find ${one} by ${by}` }]
      : []),
    ...(update ? [{ method: update.method, path: recordPath, does: `update ${one}` }] : []),
    ...(remove ? [{ method: "DELETE", path: recordPath, does: `delete ${one}` }] : []),
  ];
}

function findPath(recordPath: string, parameter: string | undefined, field = ""): string {
  const path = recordPath.replace("{id}", "{value}");
  return parameter === undefined ? path : `${path}?${parameter}=${field}`;
}

function curlOf(auth: Auth, { name, credential }: OpenAccount, simulator: Simulator, routes: readonly Route[], placeIn: PlaceIn): string {
  const route = routes.find(({ method, path }) => method === "GET" && !path.includes("{value}")) ?? routes[0];
  const asked = (route?.path ?? "/").replace("{id}", "1001").replace("=…", "=1");
  const place = placeIn(asked, name);
  const path = asked.replaceAll(/\{(\w+)\}/g, (placeholder, own: string) => place[own] ?? placeholder);
  const secrets = Object.fromEntries(Object.entries(credential).map(([field, value]) => [field, new Secret(value)]));
  const { headers, query } = authorize(auth, secrets);
  const shown = Object.entries(headers).map(([header, value]) => `${curlOption(header, value)} `);
  const parameters = new URLSearchParams(query).toString();
  const target = parameters === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${parameters}`;
  return `curl -s ${shown.join("")}'${simulator.url(name)}${target}'`;
}

/** HTTP basic is shown as curl writes it, so that it can be read. */
function curlOption(header: string, value: string): string {
  if (!value.startsWith("Basic ")) return `-H '${header}: ${value}'`;
  return `-u '${Buffer.from(value.slice("Basic ".length), "base64").toString()}'`;
}

function describeCredential(credential: Readonly<Record<string, string>>): string {
  return Object.entries(credential)
    .map(([field, value]) => `${field} ${value}`)
    .join(", ");
}
