/** What benches seal is worth nothing; a part and what fills its database have to agree on it. */
export const benchMasterKey = `bench:${Buffer.alloc(32, "bench").toString("base64")}`;
