import { readBackOf, toMs, validate } from "@belay/sdk";
import type { ConnectorDefinition, Resource, ResourceBehaviour } from "@belay/sdk";
import type { RecordMaker } from "./store.ts";

/** What the definition of a resource does not say about the provider; stands above the connector's own `simulator` section. */
export type ResourceSettings = ResourceBehaviour;

/** A resource as the simulator runs it: its declaration plus what follows from it. */
export interface ResourceModel {
  readonly name: string;
  readonly resource: Resource;
  readonly unique: readonly string[];
  readonly createdStatus: number;
  readonly refuses: NonNullable<ResourceBehaviour["refuses"]>;
  readonly make: RecordMaker;
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
    const behaviour = { ...connector.simulator?.resources?.[name], ...settings[name] };
    const { unique = [], createdStatus = 201, refuses = () => undefined } = behaviour;
    const unfindable = unique.find((field) => !resource.find?.by.includes(field));
    if (unfindable !== undefined) throw new TypeError(`Resource "${name}": "${unfindable}" can only be unique when it is one of find.by.`);
    const make = await makerOf(resource, behaviour);
    return [name, { name, resource, unique, createdStatus, refuses, make, findLagMs: findLagMs(resource) }];
  });
  return new Map(await Promise.all(models));
}

async function makerOf(resource: Resource, behaviour: ResourceBehaviour): Promise<RecordMaker> {
  const isNumber = (await idType(resource)) === "number";
  return {
    id: behaviour.id ?? ((serial) => (isNumber ? 1_000 + serial : String(1_000 + serial))),
    defaults: behaviour.defaults ?? (() => ({})),
    computed: behaviour.computed ?? (() => ({})),
  };
}

/** Ids are numbers unless the record's schema refuses a number there. */
async function idType(resource: Resource): Promise<"number" | "string"> {
  const result = await validate(resource.schema, { [resource.id]: 1 });
  return "issues" in result && result.issues.some((issue) => issue.path === resource.id) ? "string" : "number";
}

function findLagMs(resource: Resource): number {
  const lags = [resource.create?.safety, resource.update?.safety].map((safety) =>
    safety === undefined ? undefined : readBackOf(safety)?.lag,
  );
  return Math.max(...lags.map((lag) => (lag === undefined ? 0 : toMs(lag))));
}
