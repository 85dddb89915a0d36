/**
 * Indexes of the requests table. Each is sparse: an item is in it only while it has both of its attributes, so that the
 * index of what needs attention costs a write only for what failed, that of batches one for each batch, and the others
 * nothing while they are off.
 */
export const REQUEST_INDEXES = {
  /** Failed and expired, by tenant and when they ended. */
  attention: { name: 'attention', partition: 'tenant', sort: 'attention_at_ms' },
  /** Failed and kept to be sent again, by pool and when they ended; and what was reopened, until it ends. */
  dead_letters: { name: 'dead-letters', partition: 'dead_letter_pool', sort: 'dead_at_ms' },
  /** Batches, by tenant and when they came. */
  batches: { name: 'batches', partition: 'batch_tenant', sort: 'created_at_ms' },
  /** Everything, by tenant and when it was accepted. */
  tenant: { name: 'tenant', partition: 'tenant', sort: 'listed_at_ms' },
  /** The same, by tenant and `custom_id`. */
  custom_id: { name: 'custom-id', partition: 'custom_key', sort: 'listed_at_ms' },
} as const;

export type RequestIndexName = keyof typeof REQUEST_INDEXES;

/** No tenant has a `#` in its name, so that no two tenants share a key. */
export const customKeyOf = (tenant: string, customId: string): string => `${tenant}#${customId}`;
