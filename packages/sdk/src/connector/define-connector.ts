import { BelayError } from "../errors/belay-error.ts";
import type { Infer, Schema } from "../schema/index.ts";
import { pathsOf } from "./listing.ts";
import { readBackOf } from "./types.ts";
import type { ConnectorDefinition, Resource } from "./types.ts";

/** A declared event of a connector, typed by the payload that its schema yields. Made by `defineConnector`. */
export interface EventReference<Payload = unknown> {
  readonly connector: string;
  readonly type: string;
  readonly schema: Schema<Payload>;
}

type EventSchemas<D extends ConnectorDefinition> = D extends { webhooks: { events: infer Events } } ? Events : Record<never, never>;

export type EventReferences<D extends ConnectorDefinition> = {
  readonly [Type in keyof EventSchemas<D>]: EventSchemas<D>[Type] extends Schema ? EventReference<Infer<EventSchemas<D>[Type]>> : never;
};

/** A connector: its definition plus references to its events, for use in `defineFlow({ on })`. */
export type Connector<D extends ConnectorDefinition = ConnectorDefinition> = D & { readonly events: EventReferences<D> };

/** A connector of any provider, where its own types do not matter. */
export type AnyConnector = ConnectorDefinition & { readonly events: Readonly<Record<string, EventReference>> };

/**
 * Declares how a provider works. The definition is checked at once, so that a mistake shows where it was made.
 *
 * @throws `SDK_CONNECTOR_INVALID` naming the field and what to write instead.
 */
export function defineConnector<const D extends ConnectorDefinition>(definition: D): Connector<D> {
  refuseMistakes(definition);
  const events = Object.fromEntries(
    Object.entries(definition.webhooks?.events ?? {}).map(([type, schema]) => [type, { connector: definition.id, type, schema }]),
  );
  return { ...definition, events: events as EventReferences<D> };
}

function refuseMistakes(definition: ConnectorDefinition): void {
  const refuse = (field: string, remedy: string): never => {
    throw new BelayError("SDK_CONNECTOR_INVALID", `Connector "${definition.id}", ${field}: ${remedy}`, { details: { field } });
  };
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(definition.id))
    refuse("id", "use lower-case letters, digits and dashes, at most 40, starting with a letter.");
  if (!/^https?:\/\//.test(definition.baseUrl)) refuse("baseUrl", "start with https://.");
  refuseMistakesOfWebhooks(definition, refuse);
  refuseMistakesOfErrors(definition, refuse);
  refuseMistakesOfVersions(definition, refuse);
  refuseMistakesOfOAuth(definition, refuse);
  for (const [name, resource] of Object.entries(definition.resources)) {
    refuseMistakesOfListing(name, resource, refuse);
    refuseMistakesOfReferences(name, resource, definition, refuse);
    if (!resource.path.startsWith("/")) refuse(`resources.${name}.path`, "start with a slash.");
    for (const operation of ["create", "update"] as const) {
      const safety = resource[operation]?.safety;
      const readBack = safety && readBackOf(safety);
      if (readBack !== undefined && !resource.find?.by.includes(readBack.by)) {
        refuse(
          `resources.${name}.${operation}.safety.readBack.by`,
          `"${readBack.by}" must be one of find.by, or the record cannot be found again.`,
        );
      }
    }
  }
}

function refuseMistakesOfWebhooks({ webhooks, resources }: ConnectorDefinition, refuse: Refuse): void {
  if (webhooks === undefined) return;
  for (const member of ["subjects", "examples"] as const) {
    for (const type of Object.keys(webhooks[member] ?? {})) {
      if (!Object.hasOwn(webhooks.events, type))
        refuse(`webhooks.${member}.${type}`, "declare this type in webhooks.events, or correct its name.");
    }
  }
  for (const [type, { keys, resource }] of Object.entries(webhooks.subjects ?? {})) {
    if (keys.length === 0) refuse(`webhooks.subjects.${type}.keys`, "name the field that holds the id.");
    if (resource !== undefined && !Object.hasOwn(resources, resource))
      refuse(`webhooks.subjects.${type}.resource`, `"${resource}" is not one of the resources.`);
  }
}

function refuseMistakesOfErrors({ errors, simulator, resources, limits }: ConnectorDefinition, refuse: Refuse): void {
  const forbiddenIsLimit = limits?.some(({ refusal }) => refusal === 403) ?? false;
  if (forbiddenIsLimit && !errors?.some((row) => row.status === 403 && row.retry !== "never" && row.answers?.includes("limited")))
    refuse("limits.refusal", 'declare the error row of status 403 that answers "limited" and may be tried again.');
  for (const { code, contains, example } of errors ?? []) {
    if (example !== undefined && contains !== undefined && !JSON.stringify(example).includes(contains))
      refuse(`errors.${code}.example`, `the body must have the text "${contains}", by which the row is known.`);
  }
  const unknown = Object.keys(simulator?.resources ?? {}).find((name) => !Object.hasOwn(resources, name));
  if (unknown !== undefined) refuse(`simulator.resources.${unknown}`, "is not one of the resources.");
}

function refuseMistakesOfVersions({ versions, resources }: ConnectorDefinition, refuse: Refuse): void {
  const placed = Object.entries(resources).find(([, { path }]) => path.includes("{version}"))?.[0];
  if (placed !== undefined && versions?.in !== "path")
    refuse(`resources.${placed}.path`, 'has {version}: declare versions with in: "path".');
  if (versions === undefined) return;
  if (!versions.known.some(({ version }) => version === versions.use)) refuse("versions.use", "must be one of versions.known.");
  const undated = versions.known.find(({ sunset }) => sunset !== undefined && Number.isNaN(Date.parse(sunset)));
  if (undated !== undefined) refuse(`versions.known.${undated.version}.sunset`, "give a day such as 2028-03-10.");
}

function refuseMistakesOfOAuth({ auth, resources }: ConnectorDefinition, refuse: Refuse): void {
  const declared = auth.kind === "oauth2" ? (auth.scopes ?? []) : [];
  for (const [name, { scopes }] of Object.entries(resources)) {
    const unknown = [...(scopes?.read ?? []), ...(scopes?.write ?? [])].find((scope) => !declared.includes(scope));
    if (unknown !== undefined) refuse(`resources.${name}.scopes`, `"${unknown}" must be one of auth.scopes.`);
  }
  if (auth.kind !== "oauth2") return;
  for (const field of ["tokenUrl", "authorizationUrl"] as const)
    if (auth[field] !== undefined && !/^(https:\/\/[^/]+)?\//.test(auth[field]))
      refuse(`auth.${field}`, "start with https:// or with a slash.");
  if (auth.grants.includes("authorization_code") && auth.authorizationUrl === undefined)
    refuse("auth.authorizationUrl", "is needed for the grant authorization_code.");
  if (auth.refreshToken !== undefined && !auth.grants.includes("refresh_token"))
    refuse("auth.refreshToken", "is declared, but refresh_token is none of the grants.");
}

type Refuse = (field: string, remedy: string) => never;

function refuseMistakesOfReferences(name: string, { references }: Resource, { resources }: ConnectorDefinition, refuse: Refuse): void {
  const lost = Object.entries(references ?? {}).find(([, target]) => !Object.hasOwn(resources, target));
  if (lost !== undefined) refuse(`resources.${name}.references.${lost[0]}`, `"${lost[1]}" is not one of the resources.`);
}

function refuseMistakesOfListing(name: string, { list, wrap }: Resource, refuse: Refuse): void {
  if (list === undefined) return;
  const [path] = pathsOf(list.paging);
  if (path !== undefined && wrap?.many === undefined)
    refuse(`resources.${name}.list.paging`, `the answer is a bare list, which holds no "${path}"; declare wrap.many.`);
  if (list.size !== undefined && !(list.size.default >= 1 && list.size.default <= list.size.max))
    refuse(`resources.${name}.list.size.default`, "give a number from 1 to max.");
}
