import { type AnyConnector, type Connection, type FailureClass, isBelayError } from "@belay/sdk";
import { createClient, httpErrors, openPipeline, type ConnectionPorts } from "@belay/sdk/http";

/** What a call with a credential that is not stored yet came to. */
export type Trial =
  | { readonly kind: "works" }
  /** The connector declares nothing that could be called. */
  | { readonly kind: "untried" }
  | { readonly kind: "failed"; readonly class: FailureClass | undefined; readonly code: string };

/** A person waits for it. */
const callTimeoutMs = 15_000;

/**
 * Makes one cheap call: what the connector declares as `check`, or else the first page of the first resource that can be listed, one record long.
 *
 * @param connection With the credential to try.
 */
export async function tryCredential(connector: AnyConnector, connection: Connection, ports: ConnectionPorts): Promise<Trial> {
  try {
    const trial =
      connector.check === undefined ? listOne(connector, connection, ports) : callCheck(connector, connector.check, connection, ports);
    if (trial === undefined) return { kind: "untried" };
    await trial;
    return { kind: "works" };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    return { kind: "failed", class: classOf(connector, error.code), code: error.code };
  }
}

function callCheck(connector: AnyConnector, path: string, connection: Connection, ports: ConnectionPorts): Promise<unknown> {
  const { base, send } = openPipeline(connector, connection, { ...ports, callTimeoutMs });
  return send({
    label: `${connector.id}.check`,
    method: "GET",
    path: `${base.path}${path}`,
    headers: { accept: "application/json" },
    body: undefined,
    write: undefined,
    absentOn404: false,
    operation: undefined,
    signal: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
  });
}

function listOne(connector: AnyConnector, connection: Connection, ports: ConnectionPorts): Promise<unknown> | undefined {
  const found = Object.entries(connector.resources).find(([, { list, path }]) => list !== undefined && !path.includes("{"));
  const [name, resource] = found ?? [];
  if (name === undefined || resource?.list === undefined) return undefined;
  const client: unknown = createClient(connector, connection, { ...ports, callTimeoutMs });
  const calls: unknown = Reflect.get(client as object, name);
  const list = Reflect.get(calls as object, "list") as (query: object) => AsyncIterable<unknown>;
  const { size } = resource.list;
  return firstOf(list(size === undefined ? {} : { pageSize: 1 }));
}

async function firstOf(records: AsyncIterable<unknown>): Promise<void> {
  for await (const _record of records) return;
}

function classOf(connector: AnyConnector, code: string): FailureClass | undefined {
  const declared = connector.errors?.find((row) => row.code === code);
  if (declared !== undefined) return declared.class;
  const known: Readonly<Record<string, { readonly class: FailureClass }>> = httpErrors;
  return Object.hasOwn(known, code) ? known[code]?.class : undefined;
}
