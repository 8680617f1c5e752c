import type { Access } from "./access/index.ts";
import { type ApiParts, createServer, registerApi } from "./api/index.ts";
import type { Socket } from "node:net";
import { registerConnect } from "./connect/index.ts";
import { BodyMemory, GroupCommit, type IngressParts, type Refusal, registerIngress, replayWith } from "./ingress/index.ts";
import { IdMarks } from "./mailbox/index.ts";
import { openServerAccess } from "./open-server-access.ts";
import type { Closer, Parts } from "./open-parts.ts";
import { openProxy } from "./open-proxy.ts";
import type { BelayOptions, Role } from "./options.ts";
import type { Worker } from "./start-worker.ts";
import { HintWriter } from "./syncs/index.ts";
import { readSampleShare } from "./tracing/index.ts";

export interface ServerSetting extends Pick<ApiParts, "threats"> {
  readonly roles: readonly Role[];
  /** Of the same process, if it has one: it learns at once of what is committed here. Others are notified. */
  readonly worker: Worker | undefined;
}

export interface StartedServer extends Pick<Access, "setUpPath"> {
  /** Its base URL; empty when the roles ask for no server. */
  readonly url: string;
}

/** Begins to take webhooks in and to serve the API, as far as the roles ask for it. */
export async function startServer(parts: Parts, options: BelayOptions, setting: ServerSetting, closers: Closer[]): Promise<StartedServer> {
  const { roles, worker, threats } = setting;
  if (!roles.includes("ingest") && !roles.includes("web")) return { url: "", setUpPath: async () => undefined };
  const { database, cipher, catalog, connecting, references, clock, random, logger, counters, measures, onReceived } = parts;
  const streaming = new WeakSet<Socket>();
  const server = createServer(logger, streaming, options.http?.trustedProxies, options.http?.maxConnections);
  const tracing = { random, sampleShare: readSampleShare(options.telemetry?.sampleShare, process.env) };
  const commit = new GroupCommit(database.db, cipher, logger, {
    notify: worker === undefined,
    onCommit: (mailboxes) => {
      for (const { tenant } of mailboxes) parts.backlog.arrived(tenant, 1);
      worker?.committed(mailboxes);
    },
    references,
    idMarks: new IdMarks(clock),
  });
  const refusal: Refusal = (tenant) => parts.backlog.refusal(tenant);
  const { cache } = parts;
  const onTold: IngressParts["onTold"] = ({ tenant, id: connection }, told) => {
    cache.changed({ tenant, connection, ...told });
    // Where it cannot be written down now, that is logged and tried again; until then the entry ends by its age.
    return cache.settled()?.catch(() => undefined);
  };
  const hints = new HintWriter(database.db);
  const onHint: IngressParts["onHint"] = ({ connection: { id: connection, tenant } }, syncs) =>
    hints.take(syncs.map((sync) => ({ tenant, sync, connection })));
  if (roles.includes("ingest"))
    registerIngress(server, {
      catalog,
      commit,
      clock,
      counters,
      random,
      tracing,
      refusal,
      memory: new BodyMemory(),
      onReceived,
      onTold,
      onHint,
    });
  const access = openServerAccess(parts, options, closers);
  if (roles.includes("web")) access.registerPages(server);
  if (roles.includes("web")) registerConnect(server, connecting);
  if (roles.includes("web"))
    registerApi(server, {
      database,
      cipher,
      catalog,
      connecting,
      credentials: parts.credentials.book,
      proxy: openProxy(parts, options, streaming, closers),
      commit,
      references,
      clock,
      counters,
      measures,
      traffic: parts.traffic,
      refusal,
      tracing,
      onReceived,
      access,
      replay: (db, letters) => replayWith(catalog, { cipher, references, clock })(db, letters),
      threats,
      onSyncsDue: () => worker?.syncs.ring(),
      onReady: () => worker?.wake(),
      onCommitted: (mailboxes) => worker?.committed(mailboxes),
    });
  closers.push(async () => await server.close());
  const url = await server.listen({ host: options.http?.host ?? "127.0.0.1", port: options.http?.port ?? 0 });
  connecting.listensAt(url);
  return { url, setUpPath: roles.includes("web") ? access.setUpPath : async () => undefined };
}
