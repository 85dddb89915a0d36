/** Message attributes of what was set aside from the input queue: which message it was, and why. */
export const SET_ASIDE_ATTRIBUTES = { messageId: 'original_message_id', reason: 'reason' } as const;
