/*
 * The sender: a process of its own. Bodies and signatures are made before the clock starts. `rate` 0 sends as fast as `connections` allow;
 * otherwise open loop: a request leaves at its time whether or not earlier ones were answered, and its latency counts from the time it was due.
 */
import { createHmac, randomUUID } from "node:crypto";
import { Agent } from "undici";
import { endpointOf } from "./belay.config.ts";

interface Order {
  readonly url: string;
  readonly events: number;
  readonly mailboxes: number;
  readonly bytes: number;
  readonly connections: number;
  readonly rate: number;
}

async function send({ url, events, mailboxes, bytes, connections, rate }: Order): Promise<object> {
  const run = randomUUID();
  const filler = "x".repeat(Math.max(0, bytes - 150));
  const origin = new URL(url).origin;
  const path = new URL(url).pathname;
  const agent = new Agent({ connections, pipelining: 1 });
  const make = (index: number): { path: string; body: string; headers: Record<string, string> } => {
    const body = JSON.stringify({
      id: `${run}-${index}`,
      type: "thing.changed",
      entity: String(index % 1_000),
      sentAt: Date.now(),
      filler,
    });
    const signature = createHmac("sha256", "bench-secret-bench-secret").update(body).digest("hex");
    return {
      path: path.startsWith("/in/") ? path : `${path}/${endpointOf(index % mailboxes)}`,
      body,
      headers: { "content-type": "application/json", "x-signature": signature },
    };
  };
  let next = 0;
  let accepted = 0;
  let refused = 0;
  const post = async (request: ReturnType<typeof make>): Promise<void> => {
    for (;;) {
      try {
        const answer = await agent.request({ origin, method: "POST", ...request });
        await answer.body.dump();
        if (answer.statusCode === 202) {
          accepted += 1;
          return;
        }
      } catch {
        // Counted below: an answer that never came is a refusal too.
      }
      refused += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const startedAt = performance.now();
  if (rate === 0) {
    const sender = async (): Promise<void> => {
      while (next < events) await post(make(next++));
    };
    await Promise.all(Array.from({ length: connections }, sender));
  } else {
    const sending: Promise<void>[] = [];
    while (next < events) {
      const due = Math.min(events, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
      while (next < due) sending.push(post(make(next++)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(sending);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await agent.close();
  return { accepted, refused, seconds };
}

process.on("message", (order: Order) => {
  send(order).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
