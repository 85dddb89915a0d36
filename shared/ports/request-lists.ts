/** Where in a list a page begins: after this request, or this batch. */
export interface ListPosition {
  readonly requestId: string;
  readonly atMs: number;
}

export interface ListQuestion {
  readonly tenant: string;
  /** What failed or expired, by when it ended; batches, by when they came; or everything, or everything of one `custom_id`, by when it came. */
  readonly list:
    | { readonly by: 'attention' | 'batches' | 'tenant' }
    | { readonly by: 'custom_id'; readonly customId: string };
  readonly limit: number;
  readonly after?: ListPosition;
}

export interface ListPage {
  readonly entries: readonly ListPosition[];
  readonly next: ListPosition | undefined;
}

/** Lists of one tenant's requests, newest first; eventually consistent. */
export interface RequestLists {
  page(question: ListQuestion): Promise<ListPage>;
}
