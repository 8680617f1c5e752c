import { toMs, validate } from "@belay/sdk";
import type { ConnectorDefinition, Resource } from "@belay/sdk";
import type { Fields } from "./store.ts";

/** What the definition of a resource does not say about the provider. */
export interface ResourceSettings {
  /** Fields of which the provider accepts no value twice: a second create fails as `taken`. Default: none, so doubles are accepted. */
  readonly unique?: readonly string[];
  /** Fields that the provider fills itself, such as a status or a time of creation. Default: none. */
  readonly defaults?: (now: Date) => Fields;
}

/** A resource as the simulator runs it: its declaration plus what follows from it. */
export interface ResourceModel {
  readonly name: string;
  readonly resource: Resource;
  readonly unique: readonly string[];
  readonly defaults: (now: Date) => Fields;
  readonly idType: "number" | "string";
  /** A find does not see records younger than this. */
  readonly findLagMs: number;
}

export async function modelResources(
  connector: ConnectorDefinition,
  settings: Readonly<Record<string, ResourceSettings>>,
): Promise<ReadonlyMap<string, ResourceModel>> {
  const unknown = Object.keys(settings).find((name) => connector.resources[name] === undefined);
  if (unknown !== undefined) throw new TypeError(`Connector "${connector.id}" has no resource "${unknown}".`);
  const models = Object.entries(connector.resources).map(async ([name, resource]): Promise<[string, ResourceModel]> => {
    const { unique = [], defaults = () => ({}) } = settings[name] ?? {};
    const unfindable = unique.find((field) => !resource.find?.by.includes(field));
    if (unfindable !== undefined) throw new TypeError(`Resource "${name}": "${unfindable}" can only be unique when it is one of find.by.`);
    return [name, { name, resource, unique, defaults, idType: await idType(resource), findLagMs: findLagMs(resource) }];
  });
  return new Map(await Promise.all(models));
}

/** Ids are numbers unless the record's schema refuses a number there. */
async function idType(resource: Resource): Promise<"number" | "string"> {
  const result = await validate(resource.schema, { [resource.id]: 1 });
  return "issues" in result && result.issues.some((issue) => issue.path === resource.id) ? "string" : "number";
}

function findLagMs(resource: Resource): number {
  const lags = [resource.create?.safety, resource.update?.safety].map((safety) =>
    safety === undefined || safety.kind === "natural" ? undefined : safety.readBack?.lag,
  );
  return Math.max(...lags.map((lag) => (lag === undefined ? 0 : toMs(lag))));
}
