/** Values that nobody has but whom they were given to: found anywhere else, they have leaked. */
export const canaries = {
  credential: "canary-credential-7f3a9c",
  webhookSecret: "canary-webhook-7f3a9c",
  adminToken: "canary-admin-token-7f3a9c",
  /** What the provider hands out: in cookies, headers and bodies. */
  issued: "canary-issued-7f3a9c",
  /** What a stranger sends as if it were one. */
  forged: "canary-forged-7f3a9c",
  /** 32 bytes, as a master key is written. */
  masterKey: Buffer.from("canary-master-key-7f3a9c-32bytes").toString("base64"),
} as const;

export const person = "canary.person@leak.example";
/** As it stands in a path or a query. */
export const encodedPerson = encodeURIComponent(person);
