import { describe, suggest } from "../definition/refuse.ts";
import type { Refuse } from "../definition/refuse.ts";
import { checkAuth } from "../auth/check-auth.ts";
import { resolveBodies } from "../formats/index.ts";
import { connectorShape } from "./connector-shape.ts";
import { hostPatternOf, isHostOf } from "../http/url-guard.ts";
import { checkChanges } from "./check-changes.ts";
import { checkBulk } from "./check-bulk.ts";
import { checkLimits } from "./check-limits.ts";
import { checkPaths } from "./check-paths.ts";
import { pathsOf } from "./listing.ts";
import { takenNames } from "./resource-reference.ts";
import { readBackOf, wrapOfSent } from "./types.ts";
import type { ConnectorDefinition, Resource } from "./types.ts";

/** Everything that is checked about a connector: first each field by itself, then what fields say about each other. */
export function checkConnector(definition: ConnectorDefinition, refuse: Refuse): void {
  connectorShape(definition, "", refuse);
  checkWebhooks(definition, refuse);
  checkErrors(definition, refuse);
  checkLimits(definition, refuse);
  checkVersions(definition, refuse);
  checkAuth(definition, refuse);
  checkScopes(definition, refuse);
  checkHosts(definition, refuse);
  for (const [name, resource] of Object.entries(definition.resources)) {
    if (takenNames.some((taken) => taken === name))
      refuse(
        `resources.${name}`,
        "a name that the connector itself uses",
        `Call it otherwise: ${definition.id}.${name} is something else.`,
      );
    checkPaths(name, resource, refuse);
    checkWrap(name, resource, refuse);
    checkListing(name, resource, refuse);
    checkChanges(name, resource, definition, refuse);
    checkReferences(name, resource, definition, refuse);
    checkBodies(name, resource, definition, refuse);
    checkSafety(name, resource, refuse);
    checkBulk(name, resource, definition.bodies, refuse);
  }
}

function checkHosts({ baseUrl, hosts }: ConnectorDefinition, refuse: Refuse): void {
  if (hosts === undefined) return;
  const own = hostPatternOf({ baseUrl });
  // In the place of the placeholders any name would do; that of a host that is open altogether is whatever the connection says.
  if (own !== "*" && !isHostOf({ baseUrl, hosts }, own.replace("*", "any")))
    refuse("hosts", describe(hosts.join(", ")), `The base URL's own host is missing: add ${own}.`);
}

function checkSafety(name: string, resource: Resource, refuse: Refuse): void {
  for (const operation of ["create", "update"] as const) {
    const safety = resource[operation]?.safety;
    const readBack = safety && readBackOf(safety);
    if (readBack === undefined || resource.find?.by.includes(readBack.by) === true) continue;
    const remedy = "It must be one of find.by, or the record cannot be found again.";
    refuse(`resources.${name}.${operation}.safety.readBack.by`, describe(readBack.by), remedy);
  }
}

function checkWrap(name: string, { wrap, update }: Resource, refuse: Refuse): void {
  if (wrap?.sent === false && wrap.one === undefined)
    refuse(`resources.${name}.wrap.sent`, "false", "There is no wrap.one that it could leave away; leave it out.");
  if (update?.returns === "nothing" && update.response !== undefined)
    refuse(`resources.${name}.update.response`, "a function", 'The update returns "nothing", so no answer is read; leave one of them out.');
}

function checkBodies(name: string, resource: Resource, { bodies }: ConnectorDefinition, refuse: Refuse): void {
  for (const operation of ["create", "update"] as const) {
    const declared = resource[operation];
    if (declared === undefined || declared.request !== undefined || wrapOfSent(resource) !== undefined) continue;
    if (resolveBodies(declared.bodies, resource.bodies, bodies).sent !== "xml") continue;
    const [member, found] = resource.wrap?.sent === false ? ["sent", "false"] : ["one", "nothing"];
    refuse(`resources.${name}.wrap.${member}`, found, "XML needs a root element: name the one that the provider wants around a record.");
  }
  const { list, wrap } = resource;
  if (list === undefined) return;
  const { received } = resolveBodies(list.bodies, resource.bodies, bodies);
  const [root] = wrap?.many?.split(".") ?? [];
  if (received === "xml" && wrap?.many?.includes(".") !== true)
    refuse(
      `resources.${name}.wrap.many`,
      describe(wrap?.many),
      "Give the path to the elements with the root first, such as invoices.invoice.",
    );
  const elsewhere = pathsOf(list.paging).find((path) => received === "xml" && path.split(".")[0] !== root);
  if (elsewhere !== undefined)
    refuse(`resources.${name}.list.paging`, describe(elsewhere), `An XML answer has one root element: begin the path with "${root}".`);
  if ((received === "csv" || received === "ndjson") && wrap?.many !== undefined)
    refuse(
      `resources.${name}.wrap.many`,
      describe(wrap.many),
      `An answer in ${received.toUpperCase()} has nothing around its records; leave it out.`,
    );
}

function checkWebhooks({ webhooks, resources }: ConnectorDefinition, refuse: Refuse): void {
  if (webhooks === undefined) return;
  const types = Object.keys(webhooks.events);
  for (const member of ["subjects", "references", "examples", "personal"] as const) {
    const stranger = Object.keys(webhooks[member] ?? {}).find((type) => !types.includes(type));
    if (stranger !== undefined)
      refuse(`webhooks.${member}.${stranger}`, "a type that webhooks.events does not declare", suggest(stranger, types));
  }
  for (const [type, { keys, resource }] of Object.entries(webhooks.subjects ?? {})) {
    if (keys.length === 0) refuse(`webhooks.subjects.${type}.keys`, "an empty list", "Name the field that holds the id.");
    if (resource !== undefined && !Object.hasOwn(resources, resource))
      refuse(`webhooks.subjects.${type}.resource`, describe(resource), suggest(resource, Object.keys(resources)));
  }
}

function checkErrors({ errors, simulator, resources, limits }: ConnectorDefinition, refuse: Refuse): void {
  const forbiddenIsLimit = limits?.some(({ refusal }) => refusal === 403) ?? false;
  if (forbiddenIsLimit && !errors?.some((row) => row.status === 403 && row.retry !== "never" && row.answers?.includes("limited")))
    refuse("limits.refusal", "403", 'Declare the error row of status 403 that answers "limited" and may be tried again.');
  for (const { code, status, contains, example, retry, throttled } of errors ?? []) {
    if (status < 300 && contains === undefined)
      refuse(`errors.${code}.contains`, "nothing", "A 2xx is an error only where its body says so: give a text that it then has.");
    if (throttled === true && retry === "never")
      refuse(
        `errors.${code}.retry`,
        '"never"',
        'Who asked too often may ask again later: write "backoff", or after how many milliseconds.',
      );
    if (example !== undefined && contains !== undefined && !JSON.stringify(example).includes(contains))
      refuse(`errors.${code}.example`, "another text", `The body must have the text "${contains}", by which the row is known.`);
  }
  const unknown = Object.keys(simulator?.resources ?? {}).find((name) => !Object.hasOwn(resources, name));
  if (unknown !== undefined)
    refuse(`simulator.resources.${unknown}`, "a resource that is not declared", suggest(unknown, Object.keys(resources)));
}

function checkVersions({ versions, resources }: ConnectorDefinition, refuse: Refuse): void {
  for (const [name, resource] of Object.entries(resources)) {
    for (const member of ["path", "recordPath"] as const) {
      if (resource[member]?.includes("{version}") === true && versions?.in !== "path")
        refuse(`resources.${name}.${member}`, describe(resource[member]), 'It has {version}: declare versions with in: "path".');
    }
  }
  if (versions === undefined) return;
  const known = versions.known.map(({ version }) => version);
  if (!known.includes(versions.use))
    refuse("versions.use", describe(versions.use), `It must be one of versions.known. ${suggest(versions.use, known)}`);
  const undated = versions.known.find(({ sunset }) => sunset !== undefined && Number.isNaN(Date.parse(sunset)));
  if (undated !== undefined) refuse(`versions.known.${undated.version}.sunset`, describe(undated.sunset), "Give a day such as 2028-03-10.");
}

function checkScopes({ auth, resources }: ConnectorDefinition, refuse: Refuse): void {
  const declared = auth.kind === "oauth2" ? (auth.scopes ?? []) : [];
  for (const [name, { scopes }] of Object.entries(resources)) {
    const unknown = [...(scopes?.read ?? []), ...(scopes?.write ?? [])].find((scope) => !declared.includes(scope));
    if (unknown !== undefined) refuse(`resources.${name}.scopes`, describe(unknown), "It must be one of auth.scopes.");
  }
}

function checkReferences(name: string, { references }: Resource, { resources }: ConnectorDefinition, refuse: Refuse): void {
  const [lost] = Object.entries(references ?? {}).filter(([, target]) => !Object.hasOwn(resources, target));
  if (lost !== undefined) refuse(`resources.${name}.references.${lost[0]}`, describe(lost[1]), suggest(lost[1], Object.keys(resources)));
}

function checkListing(name: string, { list, wrap }: Resource, refuse: Refuse): void {
  if (list === undefined) return;
  const [path] = pathsOf(list.paging);
  if (path !== undefined && wrap?.many === undefined && list.response === undefined)
    refuse(`resources.${name}.list.paging`, describe(path), "The answer is a bare list, which holds no such member; declare wrap.many.");
  if (list.size !== undefined && list.size.default > list.size.max)
    refuse(`resources.${name}.list.size.default`, describe(list.size.default), "Give a number from 1 to max.");
}
