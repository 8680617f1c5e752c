/** A message that was given up, as the admin API shows it. */
export interface DeadLetter {
  readonly id: string;
  readonly tenant: string;
  readonly flow: string;
  readonly orderKey: string;
  readonly code: string;
}

/** The part of Belay's admin API that the demo asks. */
export interface BelayApi {
  /** Messages that are not finished yet. */
  waiting(): Promise<number>;
  deadLetters(): Promise<readonly DeadLetter[]>;
}

export function connectToBelay(url: string, adminToken: string): BelayApi {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` }, signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  return {
    async waiting() {
      const waiting = member(await get("/v1/figures"), "waiting");
      if (typeof waiting !== "number") throw new Error("GET /v1/figures answered without the number waiting.");
      return waiting;
    },
    async deadLetters() {
      const letters: DeadLetter[] = [];
      let cursor: unknown = null;
      do {
        const page = await get(`/v1/dead-letters?limit=100${typeof cursor === "string" ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
        const items = member(page, "items");
        if (!Array.isArray(items)) throw new Error("GET /v1/dead-letters answered without items.");
        letters.push(...items.map(deadLetterOf));
        cursor = member(page, "next");
      } while (typeof cursor === "string");
      return letters;
    },
  };
}

function deadLetterOf(item: unknown): DeadLetter {
  const text = (name: string): string => String(member(item, name) ?? "");
  return { id: text("id"), tenant: text("tenant"), flow: text("flow"), orderKey: text("orderKey"), code: text("code") };
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
