export type Operator =
  | { readonly kind: 'operator'; readonly by: string }
  | { readonly kind: 'refused'; readonly detail: string };

/** Where it stands among the operators, everybody is one. */
export const ANYBODY = '*';
const NAME_OF_ANYBODY = 'anybody';

const ASSUMED = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/[^/]+$/;

/** Sessions of a role have names of their own: their role is meant. IAM leaves a role's path out of them. */
const namesOf = (arn: string): readonly string[] => {
  const [, partition, account, role] = ASSUMED.exec(arn) ?? [];
  return role === undefined ? [arn] : [arn, `arn:${partition}:iam::${account}:role/${role}`];
};

/** Whether a caller may steer. Without a signature nobody is known, so only `*` lets such a caller in. */
export const operatorOf = (operators: readonly string[], arn: string | undefined): Operator => {
  if (operators.includes(ANYBODY)) return { kind: 'operator', by: arn ?? NAME_OF_ANYBODY };
  if (operators.length === 0) return { kind: 'refused', detail: 'The setting `operators` names nobody.' };
  if (arn === undefined)
    return { kind: 'refused', detail: 'The call is not signed, so nobody knows who makes it.' };
  return namesOf(arn).some((name) => operators.includes(name))
    ? { kind: 'operator', by: arn }
    : { kind: 'refused', detail: `${arn} is not among the setting \`operators\`.` };
};
