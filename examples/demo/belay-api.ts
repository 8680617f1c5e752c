import { memberOf, textOf } from "./member.ts";

/** A message that was given up, as the admin API shows it. */
export interface DeadLetter {
  readonly id: number;
  readonly tenant: string;
  readonly flow: string;
  /** As the flow gave it. */
  readonly orderKey: string;
  readonly code: string;
}

/** The part of Belay's admin API that the demo asks. */
export interface BelayApi {
  /** Messages that are not finished yet. */
  waiting(): Promise<number>;
  deadLetters(): Promise<readonly DeadLetter[]>;
}

export function connectToBelay(fetch: typeof globalThis.fetch, url: string, adminToken: string): BelayApi {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${adminToken}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  return {
    async waiting() {
      const waiting = memberOf(await get("/v1/figures"), "waiting");
      if (typeof waiting !== "number") throw new Error("GET /v1/figures answered without the number waiting.");
      return waiting;
    },
    async deadLetters() {
      const letters: DeadLetter[] = [];
      let cursor: unknown = null;
      do {
        const page = await get(`/v1/dead-letters?limit=100${typeof cursor === "string" ? `&cursor=${cursor}` : ""}`);
        const items = memberOf(page, "items");
        if (!Array.isArray(items)) throw new Error("GET /v1/dead-letters answered without items.");
        letters.push(...items.map(deadLetterOf));
        cursor = memberOf(page, "next");
      } while (typeof cursor === "string");
      return letters;
    },
  };
}

function deadLetterOf(item: unknown): DeadLetter {
  const [id, connection, prefixedKey] = [memberOf(item, "id"), textOf(item, "connection"), textOf(item, "orderKey")];
  const [tenant, flow, code] = [textOf(item, "tenant"), textOf(item, "flow"), textOf(item, "code")];
  if (typeof id !== "number" || !tenant || !flow || !connection || prefixedKey === undefined || !code) {
    throw new Error("GET /v1/dead-letters answered an item that lacks a field.");
  }
  // Belay puts the source's connection before the key, since two sources may use the same ids.
  return { id, tenant, flow, orderKey: prefixedKey.slice(connection.length + 1), code };
}
