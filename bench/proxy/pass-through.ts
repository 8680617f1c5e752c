/* What everybody writes first: Fastify takes a request, undici sends it on, both bodies flow. No credential, no limits, no path that is looked at. The yardstick. */
import Fastify from "fastify";
import { Agent } from "undici";

const target = new URL(process.argv[2] ?? "");
const agent = new Agent({ connections: 64, pipelining: 1 });
const server = Fastify({ keepAliveTimeout: 60_000, requestTimeout: 0 });
server.removeAllContentTypeParsers();
server.addContentTypeParser("*", (_request, _payload, done) => done(null));
server.all("/v1/proxy/:connection/*", async (request, reply) => {
  const { "content-type": type, "content-length": length } = request.headers;
  const hasBody = length !== undefined || request.headers["transfer-encoding"] !== undefined;
  const answer = await agent.request({
    origin: target.origin,
    path: `/${(request.params as { "*": string })["*"]}`,
    method: request.method,
    body: hasBody ? request.raw : null,
    headers: { ...(type !== undefined && { "content-type": type }), ...(length !== undefined && { "content-length": length }) },
  });
  const { connection: _connection, "keep-alive": _keepAlive, "transfer-encoding": _encoding, ...headers } = answer.headers;
  return await reply.code(answer.statusCode).headers(headers).send(answer.body);
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: await server.listen({ host: "127.0.0.1", port: 0 }) });
