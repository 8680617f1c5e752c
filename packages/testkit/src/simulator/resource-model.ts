import { readBackOf, toMs, validate } from "@belay/sdk";
import type { ConnectorDefinition, Resource, ResourceBehaviour, Schema } from "@belay/sdk";
import { makerOfRequired } from "./generate/make-up-value.ts";
import { seedFor, seededRandom } from "./random.ts";
import type { Fields, Place, RecordMaker } from "./store.ts";

/** What the definition of a resource does not say about the provider; stands above the connector's own `simulator` section. */
export type ResourceSettings = ResourceBehaviour;

/** A resource as the simulator runs it: its declaration plus what follows from it. */
export interface ResourceModel {
  readonly name: string;
  readonly resource: Resource;
  /** What a create may be as well: mappings to models make records of other fields than flows do, and the provider takes either. */
  readonly furtherCreates: readonly Schema[];
  readonly unique: readonly string[];
  readonly createdStatus: number;
  readonly refuses: NonNullable<ResourceBehaviour["refuses"]>;
  readonly make: RecordMaker;
  readonly page: NonNullable<ResourceBehaviour["page"]>;
  readonly deleted: NonNullable<ResourceBehaviour["deleted"]>;
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
    const { unique = [], createdStatus = 201, refuses = () => undefined, page = () => ({}), deleted = () => ({}) } = behaviour;
    const unfindable = unique.find((field) => !resource.find?.by.includes(field));
    if (unfindable !== undefined) throw new TypeError(`Resource "${name}": "${unfindable}" can only be unique when it is one of find.by.`);
    const make = await makerOf(name, resource, behaviour);
    const mappings = connector.mappings?.filter((mapping) => mapping.resource === name) ?? [];
    const furtherCreates = mappings.flatMap(({ create }) => create?.input ?? []);
    return [name, { name, resource, furtherCreates, unique, createdStatus, refuses, make, page, deleted, findLagMs: findLagMs(resource) }];
  });
  return new Map(await Promise.all(models));
}

async function makerOf(name: string, resource: Resource, behaviour: ResourceBehaviour): Promise<RecordMaker> {
  const isNumber = (await idType(resource)) === "number";
  return {
    id: behaviour.id ?? ((serial) => (isNumber ? 1_000 + serial : String(1_000 + serial))),
    required: behaviour.defaults === undefined ? requiredOf(name, resource) : () => ({}),
    defaults: behaviour.defaults ?? (() => ({})),
    computed: behaviour.computed ?? timesOfChange(resource),
    revised: behaviour.revised ?? ((before, sent) => ({ ...before, ...sent })),
  };
}

/** What nobody says how the provider fills in is made up from the schema, the same for the same record. */
function requiredOf(name: string, { schema }: Resource): RecordMaker["required"] {
  const make = makerOfRequired(schema);
  return (now, { account, serial, place }) => inPlace(make?.(seededRandom(seedFor(serial, `${account}/${name}`)), now) ?? {}, place);
}

/** A field with the name of a placeholder says where the record lives: `course_id` below `/courses/{course_id}/…`. */
function inPlace(made: Fields, place: Place): Fields {
  const told = Object.entries(place).filter(([name]) => Object.hasOwn(made, name));
  return { ...made, ...Object.fromEntries(told.map(([name, value]) => [name, typeof made[name] === "number" ? Number(value) : value])) };
}

/** Times that by their name tell of the last change. */
function timesOfChange({ schema, fieldsIn }: Resource): RecordMaker["computed"] {
  const shown = fieldsIn === undefined ? (makerOfRequired(schema)?.(() => 0, new Date(0)) ?? {}) : {};
  const names = Object.keys(shown).filter((name) => /^(updated|modified)(_?at)?$/i.test(name));
  return (now) =>
    Object.fromEntries(
      names.map((name) => [name, typeof shown[name] === "number" ? Math.floor(now.getTime() / 1_000) : now.toISOString()]),
    );
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
