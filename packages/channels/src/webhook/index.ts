/** Apart: only a gateway whose owner set the channel up loads it. */
export { guardedPost } from "./guarded-post.ts";
export { createWebhook } from "./webhook.ts";
