/** What is sealed as what: it opens as nothing else, and in no other record. */
export const purposes = {
  state: (record: string): string => `two_way_link.state ${record}`,
  conflict: (record: string): string => `two_way_conflict.contents ${record}`,
};
