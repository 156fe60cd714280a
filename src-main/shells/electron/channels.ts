/** Names that main and preload agree on. The preload script is bundled with this file and with nothing else of ours. */

/** One channel for all calls: one place that checks the sender. */
export const CALL_CHANNEL = 'bidkey:call';
export const EVENT_CHANNEL = 'bidkey:event';
