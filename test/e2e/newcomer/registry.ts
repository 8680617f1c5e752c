import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import type { PackedPackage } from "../../../build/stage.ts";

/** A package registry on loopback. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves our packages as the registry would after a release, and sends for all others to `upstream`.
 *
 * @see https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
 */
export async function openRegistry(packages: readonly PackedPackage[], upstream: string): Promise<LocalRegistry> {
  const tarballs = new Map<string, Buffer>();
  const documents = new Map<string, (origin: string) => object>();
  for (const { name, version, tarball, manifest } of packages) {
    const bytes = await readFile(tarball);
    const path = `/-/ours/${basename(tarball)}`;
    tarballs.set(path, bytes);
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    documents.set(name, (origin) => ({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist: { tarball: `${origin}${path}`, integrity } } },
    }));
  }
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const document = documents.get(decodeURIComponent(path.slice(1)));
    const bytes = tarballs.get(path);
    if (bytes !== undefined) response.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes);
    else if (document === undefined) response.writeHead(302, { location: `${upstream}${path}` }).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document(`http://${request.headers.host}`)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  // It listens on a port, so its address is no path of a socket.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
