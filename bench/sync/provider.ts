/* A provider of contacts, listed by keyset: as cheap as it can be, for what is measured is who reads them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const pageSize = 200;
let records = 0;
const pages = new Map<number, Buffer>();

const server = createServer((request, response) => {
  const after = Number(/[?&]after=(\d+)/.exec(request.url ?? "")?.[1] ?? -1);
  const body = pageAfter(after);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.byteLength }).end(body);
});

/** Made once: whoever asks first does not pay for the others. */
function pageAfter(after: number): Buffer {
  const known = pages.get(after);
  if (known !== undefined) return known;
  const results: object[] = [];
  for (let number = after + 1; number < records && results.length < pageSize; number += 1) results.push(contact(number));
  const body = Buffer.from(JSON.stringify({ results, more: after + 1 + results.length < records }));
  pages.set(after, body);
  return body;
}

function contact(number: number): object {
  return {
    id: String(number).padStart(9, "0"),
    properties: {
      firstname: `First${number % 1_000}`,
      lastname: `Last${number % 7_919}`,
      email: `contact-${number}@example.com`,
      phone: `+49 30 ${String(number).padStart(8, "0")}`,
      company: `Company ${number % 5_000}`,
      city: "Berlin",
      lifecyclestage: number % 3 === 0 ? "customer" : "lead",
    },
    createdAt: "2026-01-02T03:04:05.000Z",
    updatedAt: new Date(1_767_225_600_000 + number).toISOString(),
    archived: false,
  };
}

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.on("message", ({ records: count }: { readonly records: number }) => {
  records = count;
  pages.clear();
  for (let after = -1; after < records; after += pageSize) pageAfter(after);
  process.send?.({ ok: true });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
