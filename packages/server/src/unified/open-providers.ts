import type { AnyConnector, Connection } from "@belay/sdk";
import { type ClientPorts, createClient } from "@belay/sdk/http";
import type { UnifiedMapping } from "@belay/sdk/models";
import { BookCredentials, type CredentialSource } from "../proxy/index.ts";
import type { Covered } from "./find-mapping.ts";

/** The calls of a resource, as far as it declares them; their answers are checked against its schema. */
export interface ResourceCalls {
  readonly get?: (id: string) => Promise<unknown>;
  readonly find?: (by: Readonly<Record<string, string>>) => Promise<unknown>;
  readonly list?: () => AsyncIterable<unknown>;
  readonly create?: (input: unknown) => Promise<unknown>;
  readonly update?: (id: string, input: unknown) => Promise<unknown>;
}

/** Gives the calls of a mapping's resource at a connection, once its credential is at hand. `place`: where its records live, for a path with placeholders. */
export type Providers = (covered: Covered, place: Readonly<Record<string, string>>) => Promise<ResourceCalls>;

interface Opened {
  readonly connector: AnyConnector;
  readonly credentials: BookCredentials;
  readonly client: Readonly<Record<string, ResourceCalls & { readonly in?: (place: object) => ResourceCalls }>>;
}

/** Opens clients of connections when they are first asked for, and keeps them as long as the connection's definition is in force. */
export function openProviders(ports: Omit<ClientPorts, "credentials" | "allowPrivateHost">, book: CredentialSource): Providers {
  const known = new WeakMap<Connection, Opened>();
  return async ({ connection, connector, mapping }, place) => {
    const before = known.get(connection);
    const opened = before?.connector === connector ? before : open(ports, book, connector, connection);
    known.set(connection, opened);
    await opened.credentials.prepare();
    const calls = opened.client[mapping.resource];
    return (Object.keys(place).length > 0 ? calls?.in?.(place) : calls) ?? {};
  };
}

function open(ports: Omit<ClientPorts, "credentials">, book: CredentialSource, connector: AnyConnector, connection: Connection): Opened {
  const credentials = new BookCredentials(book, connection);
  const client = createClient(withOwnCreates(connector), connection, { ...ports, credentials });
  // Made from the resources that mappings name; what a resource declares is asked for before it is called.
  return { connector, credentials, client: client as unknown as Opened["client"] };
}

/** The connector with the creates of its mappings in the place of its resources' own, sent one by one. */
function withOwnCreates(connector: AnyConnector): AnyConnector {
  const own = (connector.mappings ?? []).filter((mapping: UnifiedMapping) => mapping.create !== undefined);
  const changed = own.flatMap(({ resource: name, create }) => {
    const { createMany: _many, ...resource } = connector.resources[name] ?? {};
    return create !== undefined && "path" in resource ? [[name, { ...resource, create }] as const] : [];
  });
  return { ...connector, resources: { ...connector.resources, ...Object.fromEntries(changed) } };
}
