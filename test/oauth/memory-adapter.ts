import type { Adapter, Payload } from "oidc-provider";

/** All that an authorization server remembers. Its own memory forgets after a thousand entries, which a load test has in a second. */
export type Memory = Map<string, Payload>;

/** Keeps one kind of things for as long as the server runs; what has expired is known by its own `exp`. */
export function memoryAdapter(memory: Memory, kind: string): Adapter {
  const key = (id: string): string => `${kind}:${id}`;
  return {
    upsert: async (id, payload) => void memory.set(key(id), payload),
    find: async (id) => memory.get(key(id)),
    findByUid: async (uid) => [...memory.values()].find((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    async consume(id) {
      const payload = memory.get(key(id));
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    destroy: async (id) => void memory.delete(key(id)),
    async revokeByGrantId(grantId) {
      for (const [name, payload] of memory) {
        if (payload.grantId === grantId) memory.delete(name);
      }
    },
  };
}
