/* A stranger: sends requests that nobody signed, at a rate, to an endpoint that exists and to endpoints that do not. Answers with what they were told. */
import { randomUUID } from "node:crypto";
import { Agent } from "undici";

interface Order {
  readonly url: string;
  readonly endpoint: string;
  readonly rate: number;
  readonly seconds: number;
}

async function flood({ url, endpoint, rate, seconds }: Order): Promise<object> {
  const { origin, pathname } = new URL(url);
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const statuses: Record<string, number> = {};
  const send = async (index: number): Promise<void> => {
    // One in five guesses where webhooks arrive; the others know.
    const path = `${pathname}/${index % 5 === 0 ? randomUUID() : endpoint}`;
    const body = JSON.stringify({ id: randomUUID(), type: "thing.changed", entity: "1", sentAt: 0, filler: "f".repeat(850) });
    const headers = { "content-type": "application/json", "x-signature": "0".repeat(64) };
    const answer = await agent.request({ origin, path, method: "POST", body, headers }).catch(() => undefined);
    await answer?.body.dump();
    const status = String(answer?.statusCode ?? "none");
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const total = rate * seconds;
  const sending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let next = 0; next < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    while (next < due) sending.push(send(next++));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(sending);
  await agent.close();
  return { sent: total, statuses };
}

process.on("message", (order: Order) => {
  flood(order).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
