export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of a member …; nothing where there is none. */
export const memberOf = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);

export const textAt = (value: unknown, ...path: readonly (string | number)[]): string | undefined => {
  const found = memberOf(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

export const countAt = (value: unknown, ...path: readonly (string | number)[]): number | undefined => {
  const found = memberOf(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
};

export const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = memberOf(value, ...path);
  return Array.isArray(found) ? found : [];
};
