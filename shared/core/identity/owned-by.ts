/** What a tenant may see, cancel or list: its own. Of what is another's it learns no more than of what is not there. */
export const ownedBy = <Item extends { readonly tenant: string }>(
  tenant: string,
  item: Item | undefined,
): Item | undefined => (item !== undefined && item.tenant === tenant ? item : undefined);
