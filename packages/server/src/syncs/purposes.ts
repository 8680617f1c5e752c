/** What is sealed for what. */
export const purposes = {
  cursor: "walk.cursor",
  progress: "sync.progress",
  settings: "sync_setting.settings",
} as const;
