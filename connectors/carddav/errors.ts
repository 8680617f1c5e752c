import type { ErrorRow } from "@belay/sdk";

/**
 * What error answers mean. A failed precondition of WebDAV is named by an element of the body.
 *
 * @see RFC 4918, section 16; RFC 6578, section 3.2; RFC 6352, section 6.3.2.1
 */
export const errors = [
  {
    status: 403,
    contains: "valid-sync-token",
    code: "CARDDAV_SYNC_TOKEN_EXPIRED",
    class: "record-refused",
    retry: "never",
    meaning: "The server has forgotten the sync token: it keeps them for a time only. The address book is read anew from the beginning.",
    answers: ["cursor-expired", "cursor-invalid"],
    example: '<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>',
  },
  {
    status: 409,
    contains: "valid-sync-token",
    code: "CARDDAV_SYNC_TOKEN_REFUSED",
    class: "record-refused",
    retry: "never",
    meaning: "As CARDDAV_SYNC_TOKEN_EXPIRED, by servers that answer 409 to it. The address book is read anew from the beginning.",
    answers: ["cursor-expired", "cursor-invalid"],
    example: '<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>',
  },
  {
    status: 409,
    contains: "no-uid-conflict",
    code: "CARDDAV_UID_TAKEN",
    class: "record-refused",
    retry: "never",
    meaning: "Another card of the address book has this UID already: let the flow find and update it, instead of creating.",
  },
  {
    status: 401,
    code: "CARDDAV_UNAUTHORIZED",
    class: "credential-refused",
    retry: "never",
    meaning: "User name or password is wrong, or the application password was taken back. Enter it again.",
  },
  {
    status: 403,
    code: "CARDDAV_FORBIDDEN",
    class: "permission-missing",
    retry: "never",
    meaning: "The user may not do this with the address book: share it with them for reading and writing.",
  },
  {
    status: 404,
    code: "CARDDAV_NOT_FOUND",
    class: "record-refused",
    retry: "never",
    meaning:
      "There is no such card, or no such address book: it was deleted or renamed, or the connection's base URL is not the address book's own.",
  },
  {
    status: 412,
    code: "CARDDAV_CONTACT_CHANGED",
    class: "record-refused",
    // The same request can never succeed. An update without a state of its own has read the card three times by then.
    retry: "never",
    meaning:
      "The card is no longer in the state that the update named, or is gone; or a card of this name is there already. Read it again and decide anew. Where no state was named, somebody else writes the same card all the time.",
  },
  {
    status: 507,
    code: "CARDDAV_STORAGE_FULL",
    class: "permission-missing",
    retry: "never",
    meaning: "The user's storage at the server is full. Delete something there, or get more.",
  },
] as const satisfies readonly ErrorRow[];
