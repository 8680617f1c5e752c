/* A provider of contacts, listed by keyset. A question sets how many there are, changes some, or deletes some. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Question {
  readonly records?: number;
  readonly changed?: readonly number[];
  readonly deleted?: readonly number[];
}

const pageSize = 200;
let records = 0;
const revisions = new Map<number, number>();
const gone = new Set<number>();

const server = createServer((request, response) => {
  const after = Number(/[?&]after=(\d+)/.exec(request.url ?? "")?.[1] ?? -1);
  const results: object[] = [];
  let number = after + 1;
  for (; number < records && results.length < pageSize; number += 1) if (!gone.has(number)) results.push(contact(number));
  while (number < records && gone.has(number)) number += 1;
  const body = Buffer.from(JSON.stringify({ results, more: number < records }));
  response.writeHead(200, { "content-type": "application/json", "content-length": body.byteLength }).end(body);
});

function contact(number: number): object {
  const revision = revisions.get(number) ?? 1;
  return { id: String(number).padStart(9, "0"), name: `Contact ${number}.${revision}`, email: `Contact-${number}@example.com`, revision };
}

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.on("message", (question: Question) => {
  records = question.records ?? records;
  for (const number of question.changed ?? []) revisions.set(number, (revisions.get(number) ?? 1) + 1);
  for (const number of question.deleted ?? []) gone.add(number);
  process.send?.({ ok: true });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
