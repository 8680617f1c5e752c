import { createHmac } from "node:crypto";
import { Agent } from "undici";

/** Where a tenant's webhooks go. */
export interface Sender {
  readonly endpoint: string;
  readonly secret: string;
}

/** How the sender's events were answered, as the sender saw it. */
export type Answers = Readonly<Record<string, number>>;

/** What the target refuses for ever. */
export const refusedEntity = "refused";

const connections = 32;

/** What an event is to become: of every hundred, so many from the place named. */
function kindOf(index: number): "good" | "duplicate" | "forged" | "unheard" | "unfit" | "refused" {
  const place = index % 100;
  if (place < 3) return "duplicate";
  if (place < 5) return "forged";
  if (place < 7) return "unheard";
  if (place < 8) return "unfit";
  return place < 10 ? "refused" : "good";
}

/** Sends so many webhooks, some of them again, forged, unheard of or unfit. Resolves with the answers by outcome, of each sender. */
export async function sendTraffic(url: string, senders: readonly Sender[], events: number): Promise<Map<string, Answers>> {
  const agent = new Agent({ connections, pipelining: 1 });
  const answers = new Map<string, Record<string, number>>(senders.map(({ endpoint }) => [endpoint, {}]));
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < events) {
      const index = next++;
      const sender = senders[index % senders.length];
      if (sender === undefined) return;
      const kind = kindOf(index) === "duplicate" && index < 200 * senders.length ? "good" : kindOf(index);
      const { body, signature } = compose(kind, index, senders.length, sender.secret);
      const { statusCode, body: answer } = await agent.request({
        origin: url,
        path: `/in/${sender.endpoint}`,
        method: "POST",
        body,
        headers: { "content-type": "application/json", "x-signature": signature },
      });
      const { outcome } = (await answer.json()) as { outcome?: string };
      const name = statusCode === 202 && outcome !== undefined ? outcome : "rejected";
      const own = answers.get(sender.endpoint);
      if (own !== undefined) own[name] = (own[name] ?? 0) + 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, send));
  } finally {
    await agent.close();
  }
  return answers;
}

function compose(kind: ReturnType<typeof kindOf>, index: number, senders: number, secret: string): { body: string; signature: string } {
  const id = kind === "duplicate" ? earlier(index, senders) : index;
  const body = JSON.stringify({
    id: `event-${id}`,
    type: kind === "unheard" ? "thing.forgotten" : "thing.changed",
    ...(kind !== "unfit" && {
      entity: kind === "refused" ? refusedEntity : `e-${index % 997}`,
      sentAt: Date.now(),
      filler: kind === "refused" ? refusedEntity : "x",
    }),
  });
  const signature = createHmac("sha256", kind === "forged" ? "another-secret" : secret)
    .update(body)
    .digest("hex");
  return { body, signature };
}

/** The newest event of the same sender, at least 100 of its own before, that was a good one. */
function earlier(index: number, senders: number): number {
  let found = index - 100 * senders;
  while (found % senders !== index % senders || kindOf(found) !== "good") found -= 1;
  return found;
}
