/* What everybody writes first: Fastify takes a webhook, undici posts it on, nothing is stored. The yardstick of the pipeline bench. */
import Fastify from "fastify";
import { Agent } from "undici";

const target = new URL(process.argv[2] ?? "");
const agent = new Agent({ connections: 64, pipelining: 1 });
const server = Fastify({ keepAliveTimeout: 60_000 });
server.removeAllContentTypeParsers();
server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
server.post("/in/:endpoint", async (request, reply) => {
  const answer = await agent.request({
    origin: target.origin,
    path: "/records",
    method: "POST",
    body: request.body as Buffer,
    headers: { "content-type": "application/json" },
  });
  await answer.body.dump();
  return await reply.code(202).send({ outcome: "accepted" });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: `${await server.listen({ host: "127.0.0.1", port: 0 })}/in/bench-endpoint-0000` });
