import type { ErrorTable } from "@belay/sdk";

/** What can go wrong with keys and with what they seal. */
export const vaultErrors = {
  VAULT_MASTER_KEY_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The master key is not written as id:base64 of 32 bytes; belay keys new-master prints one.",
  },
  VAULT_MASTER_KEY_UNKNOWN: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "Keys of tenants are wrapped by a master key that was not given; add it behind the one that wraps from now on.",
  },
  VAULT_MASTER_KEY_WRONG: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The master key has the right id and is not the one that wrapped the keys of tenants; give the one that did.",
  },
  VAULT_SEAL_BROKEN: {
    class: "installation",
    retry: "never",
    meaning: "Something at rest was changed, was sealed for something else or under a key that is not known; restore it from a backup.",
  },
  VAULT_KEYS_DESTROYED: {
    class: "installation",
    retry: "never",
    meaning: "The keys of the tenant were destroyed on purpose: what was sealed under them is gone for ever.",
  },
} as const satisfies ErrorTable;
