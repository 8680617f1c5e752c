/**
 * The access review: looks once a day at what gives access, and says what somebody should do about it.
 *
 * Terms: a *notice* is one matter – of a kind, about a subject, of a tenant or of the installation (tenant `""`) –, raised once and gone when a look no longer finds it. The *age*
 * of a secret counts from when it became what it is; of those in the configuration, from when Belay first saw it.
 *
 * Tables owned: notice, secret_age.
 *
 * Invariants: a matter that stays is told once, not once a day. Nothing that is secret is in a notice; of secrets only keyed hashes are kept.
 *
 * @module
 */
export { reviewJobs } from "./jobs.ts";
export { defaultReviewOptions } from "./notice.ts";
export type { Notice, NoticeKind, ReviewOptions } from "./notice.ts";
export { reviewAccess } from "./review-access.ts";
export type { ReviewParts } from "./review-access.ts";
export { readNotices } from "./store.ts";
export type { StoredNotice } from "./store.ts";
